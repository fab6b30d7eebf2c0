-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.load_claim(p_tenant uuid, p_connections uuid[])
returns table (connection_id uuid, slug text, "grant" text, subject text, requested_scope text, scope text, fields jsonb, account jsonb, status text, renewal text,
  generation integer, access_token_expires_at timestamptz, refresh_token_expires_at timestamptz, failed_attempts integer, refused_since timestamptz,
  credential_id uuid, provider text, upstream text, client_id text, settings jsonb, seal text, secrets jsonb,
  sealed text, pending jsonb, data_keys jsonb)
language plpgsql security definer set search_path = gk, pg_temp as $$
#variable_conflict use_column
declare v_now timestamptz := gk.now();
begin
  perform set_config('gk.tenant_id', p_tenant::text, true);
  return query
    select c.id, c.slug, c."grant", c.subject, c.requested_scope, c.scope, c.fields, c.account, c.status, c.renewal,
      c.generation, c.access_token_expires_at, c.refresh_token_expires_at, c.failed_attempts, c.refused_since,
      d.id, d.provider, c.upstream, d.client_id, d.settings, d.seal,
      (select jsonb_agg(jsonb_build_object('id', s.id, 'version', s.version, 'kind', s.kind, 'sealed', s.sealed,
        'proved', s.proved_at is not null) order by s.version desc)
         from credential_secrets s where s.tenant_id = p_tenant and s.credential_id = d.id),
      t.sealed,
      (select jsonb_build_object('id', g.id, 'type', g.type, 'sealed', g.sealed, 'intervalSeconds', g.interval_seconds,
         'expired', g.expires_at is not null and g.expires_at <= v_now)
         from pending_grants g where g.tenant_id = p_tenant and g.connection_id = c.id),
      (select jsonb_agg(jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped) order by k.version desc)
         from tenant_keys k where k.tenant_id = p_tenant)
    from connections c
      join credentials d on d.tenant_id = p_tenant and d.id = c.credential_id
      left join token_sets t on t.tenant_id = p_tenant and t.connection_id = c.id
    where c.tenant_id = p_tenant and c.id = any (p_connections);
end $$;
