-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- The tenant whose rows this transaction may see; null when it has named none.
create or replace function gk.tenant_id() returns uuid language sql stable as $$
  select nullif(current_setting('gk.tenant_id', true), '')::uuid
$$;
