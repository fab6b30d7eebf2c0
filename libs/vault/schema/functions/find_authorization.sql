-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
-- None of a disabled tenant: its links and callbacks are unknown while it is.
create or replace function gk.find_authorization(p_hash bytea) returns table (id uuid, tenant_id uuid)
language sql stable security definer set search_path = gk, pg_temp as $$
  select s.id, s.tenant_id from authorization_sessions s
    join tenants t on t.id = s.tenant_id and t.disabled_at is null
  where s.link_hash = p_hash or s.state_hash = p_hash or s.alternate_state_hash = p_hash
$$;
