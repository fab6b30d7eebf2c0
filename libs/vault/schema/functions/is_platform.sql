-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- Whether this transaction sees the list of tenants and the platform's own rows.
create or replace function gk.is_platform() returns boolean language sql stable as $$
  select coalesce(current_setting('gk.platform', true), '') = 'on'
$$;
