-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
-- The API key that a session was begun with, while both are good. Notes once a minute that the session is used.
create or replace function gk.find_console_session(p_hash bytea, p_idle_seconds integer)
returns table (id uuid, hash bytea, role text, tenant_id uuid, tenant_slug text, connections text[], expires_at timestamptz, mac_kid text, mac bytea,
  rate_limit integer, key_rate_limit integer, session_expires_at timestamptz)
language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now();
begin
  update console_sessions s set last_used_at = v_now
  where s.hash = p_hash and s.expires_at > v_now and s.last_used_at > v_now - make_interval(secs => p_idle_seconds)
    and s.last_used_at < v_now - interval '1 minute';
  return query
    select k.id, k.hash, k.role, k.tenant_id, t.slug, k.connections, k.expires_at, k.mac_kid, k.mac,
      t.rate_limit_per_second, t.key_rate_limit_per_second, s.expires_at
    from console_sessions s
      join api_keys k on k.id = s.api_key_id and k.tenant_id is not distinct from s.tenant_id
      left join tenants t on t.id = k.tenant_id
    where s.hash = p_hash and s.expires_at > v_now and s.last_used_at > v_now - make_interval(secs => p_idle_seconds)
      and (k.expires_at is null or k.expires_at > v_now) and (k.tenant_id is null or t.disabled_at is null);
end $$;
