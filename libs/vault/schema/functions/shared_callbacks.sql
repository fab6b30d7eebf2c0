-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
-- The authorization servers that the callback without tenant and credential in its path serves, of all credentials but one.
create or replace function gk.shared_callbacks(p_tenant uuid, p_slug text) returns table (provider text, upstream text)
language sql stable security definer set search_path = gk, pg_temp as $$
  select distinct c.provider, c.upstream from credentials c
  where c.settings->>'redirect_uri' ~ '^[^?#]*/v1/callback([?#]|$)' and not (c.tenant_id = p_tenant and c.slug = p_slug)
$$;
