-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
create or replace function gk.find_workload_identities(p_tenant_slug text, p_issuer text)
returns table (id uuid, tenant_id uuid, slug text, audience text, match jsonb, role text, connections text[], mac_kid text, mac bytea,
  rate_limit integer, key_rate_limit integer)
language sql stable security definer set search_path = gk, pg_temp as $$
  select w.id, w.tenant_id, w.slug, w.audience, w.match, w.role, w.connections, w.mac_kid, w.mac,
    t.rate_limit_per_second, t.key_rate_limit_per_second
  from tenants t join workload_identities w on w.tenant_id = t.id
  where t.slug = p_tenant_slug and t.disabled_at is null and w.issuer = p_issuer
$$;
