-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
create or replace function gk.find_tenant(p_slug text) returns table (id uuid, disabled boolean)
language sql stable security definer set search_path = gk, pg_temp as $$ select t.id, t.disabled_at is not null from tenants t where t.slug = p_slug and t.removed_at is null $$;
