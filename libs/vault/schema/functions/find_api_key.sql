-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
create or replace function gk.find_api_key(p_hash bytea)
returns table (id uuid, role text, tenant_id uuid, tenant_slug text, connections text[], expires_at timestamptz, expires_in_ms double precision,
  mac_kid text, mac bytea, rate_limit integer, key_rate_limit integer)
language plpgsql stable security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now();
begin
  return query
    select k.id, k.role, k.tenant_id, t.slug, k.connections, k.expires_at,
      extract(epoch from k.expires_at - v_now)::double precision * 1000, k.mac_kid, k.mac,
      t.rate_limit_per_second, t.key_rate_limit_per_second
    from api_keys k left join tenants t on t.id = k.tenant_id
    where k.hash = p_hash and (k.expires_at is null or k.expires_at > v_now)
      and (k.tenant_id is null or t.disabled_at is null);
end $$;
