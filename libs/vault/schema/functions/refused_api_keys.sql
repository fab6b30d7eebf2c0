-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
-- Of keys that were refused, those that are there, and why they may not be used.
create or replace function gk.refused_api_keys(p_hashes bytea[]) returns table (hash bytea, id uuid, tenant_id uuid, reason text)
language plpgsql stable security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now();
begin
  return query
    select k.hash, k.id, k.tenant_id, case when k.expires_at <= v_now then 'expired' when t.disabled_at is not null then 'tenant_disabled' else 'refused' end
    from api_keys k left join tenants t on t.id = k.tenant_id where k.hash = any (p_hashes);
end $$;
