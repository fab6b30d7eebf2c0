-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
-- A session, and the API key or workload identity that it was begun with, while all are good. Notes once a minute that it is used.
create or replace function gk.find_console_session(p_hash bytea, p_idle_seconds integer)
returns table (api_key_id uuid, identity_id uuid, id uuid, tenant_id uuid, role text, connections text[], mac_kid text, mac bytea,
  hash bytea, expires_at timestamptz, slug text, issuer text, audience text, match jsonb,
  tenant_slug text, rate_limit integer, key_rate_limit integer, session_expires_at timestamptz, asked_at timestamptz)
language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now();
begin
  update console_sessions s set last_used_at = v_now
  where s.hash = p_hash and s.expires_at > v_now and s.last_used_at > v_now - make_interval(secs => p_idle_seconds)
    and s.last_used_at < v_now - interval '1 minute';
  return query
    select s.api_key_id, s.identity_id, coalesce(k.id, w.id), s.tenant_id, coalesce(k.role, w.role), coalesce(k.connections, w.connections),
      coalesce(k.mac_kid, w.mac_kid), coalesce(k.mac, w.mac), k.hash, k.expires_at, w.slug, w.issuer, w.audience, w.match,
      t.slug, t.rate_limit_per_second, t.key_rate_limit_per_second, s.expires_at, v_now
    from console_sessions s
      left join api_keys k on k.id = s.api_key_id and k.tenant_id is not distinct from s.tenant_id
      left join workload_identities w on w.id = s.identity_id and w.tenant_id = s.tenant_id
      left join tenants t on t.id = s.tenant_id
    where s.hash = p_hash and s.expires_at > v_now and s.last_used_at > v_now - make_interval(secs => p_idle_seconds)
      and t.disabled_at is null and k.id is not distinct from s.api_key_id and w.id is not distinct from s.identity_id
      and (k.expires_at is null or k.expires_at > v_now);
end $$;
