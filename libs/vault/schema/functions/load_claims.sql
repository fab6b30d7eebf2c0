-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- All that a renewal needs to know of connections of any tenants: `p_tenants` names that of each in `p_connections`.
create or replace function gk.load_claims(p_tenants uuid[], p_connections uuid[])
returns table (tenant_id uuid, connection_id uuid, slug text, "grant" text, subject text, requested_scope text, scope text, fields jsonb, account jsonb, status text, renewal text,
  generation integer, access_token_expires_at timestamptz, refresh_token_expires_at timestamptz, failed_attempts integer, refused_since timestamptz,
  credential_id uuid, provider text, upstream text, client_id text, settings jsonb, seal text, secrets jsonb,
  sealed text, pending jsonb, data_keys jsonb)
language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare v_now timestamptz := gk.now();
begin
  perform set_config('gk.tenant_ids', p_tenants::text, true);
  return query
    select c.tenant_id, c.id, c.slug, c."grant", c.subject, c.requested_scope, c.scope, c.fields, c.account, c.status, c.renewal,
      c.generation, c.access_token_expires_at, c.refresh_token_expires_at, c.failed_attempts, c.refused_since,
      d.id, d.provider, c.upstream, d.client_id, d.settings, d.seal,
      (select jsonb_agg(jsonb_build_object('id', s.id, 'version', s.version, 'kind', s.kind, 'sealed', s.sealed,
        'proved', s.proved_at is not null) order by s.version desc)
         from credential_secrets s where s.tenant_id = c.tenant_id and s.credential_id = d.id),
      t.sealed,
      (select jsonb_build_object('id', g.id, 'type', g.type, 'sealed', g.sealed, 'intervalSeconds', g.interval_seconds,
         'expired', g.expires_at is not null and g.expires_at <= v_now)
         from pending_grants g where g.tenant_id = c.tenant_id and g.connection_id = c.id),
      (select jsonb_agg(jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped) order by k.version desc)
         from tenant_keys k where k.tenant_id = c.tenant_id)
    from unnest(p_tenants, p_connections) as wanted (tenant_id, connection_id)
      join connections c on c.tenant_id = wanted.tenant_id and c.id = wanted.connection_id
      join credentials d on d.tenant_id = c.tenant_id and d.id = c.credential_id
      left join token_sets t on t.tenant_id = c.tenant_id and t.connection_id = c.id;
  perform set_config('gk.tenant_ids', '', true);
end $$;
