-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- How many data keys each key-encryption key wraps.
create or replace function gk.count_wrapped()
returns table (kek_id text, data_keys integer) language sql stable security definer set search_path = gk, pg_temp as $$
  select k.kek_id, count(*)::integer from tenant_keys k group by k.kek_id
$$;
