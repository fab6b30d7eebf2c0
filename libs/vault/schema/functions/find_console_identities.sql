-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
-- The workload identities by which people of an issuer may sign in to the console, of one tenant or of all.
create or replace function gk.find_console_identities(p_issuer text, p_audience text, p_tenant_slug text)
returns table (id uuid, tenant_id uuid, tenant_slug text, slug text, match jsonb, role text, connections text[], mac_kid text, mac bytea)
language sql stable security definer set search_path = gk, pg_temp as $$
  select w.id, w.tenant_id, t.slug, w.slug, w.match, w.role, w.connections, w.mac_kid, w.mac
  from workload_identities w join tenants t on t.id = w.tenant_id
  where w.issuer = p_issuer and w.audience = p_audience and w.role in ('tenant_admin', 'connector')
    and t.disabled_at is null and (p_tenant_slug is null or t.slug = p_tenant_slug)
  order by t.slug
$$;
