-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Tenants with a data key that another key-encryption key wraps, or with a row of a caller that another one signs, in the
-- order of their ids.
create or replace function gk.tenants_to_rewrap(p_kek text, p_after uuid, p_limit integer)
returns table (tenant_id uuid) language sql stable security definer set search_path = gk, pg_temp as $$
  select k.tenant_id from tenant_keys k where k.kek_id <> p_kek and k.tenant_id > p_after
  union select a.tenant_id from api_keys a where a.mac_kid <> p_kek and a.tenant_id > p_after
  union select w.tenant_id from workload_identities w where w.mac_kid <> p_kek and w.tenant_id > p_after
  order by 1 limit p_limit
$$;
