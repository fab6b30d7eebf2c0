-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Tenants with a data key that another key-encryption key wraps, in the order of their ids.
create or replace function gk.tenants_to_rewrap(p_kek text, p_after uuid, p_limit integer)
returns table (tenant_id uuid) language sql stable security definer set search_path = gk, pg_temp as $$
  select distinct k.tenant_id from tenant_keys k where k.kek_id <> p_kek and k.tenant_id > p_after order by k.tenant_id limit p_limit
$$;
