-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.read_token(p_tenant uuid, p_slug text)
returns table (connection_id uuid, provider text, upstream text, status text, generation integer, lifetime_ms double precision,
  remaining_ms double precision, expires_at timestamptz, retry_in_ms double precision, leased boolean, last_error jsonb,
  single_use boolean, pending_grant text, polled boolean, sealed text, data_key jsonb)
language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now();
begin
  perform set_config('gk.tenant_id', p_tenant::text, true);
  return query
    select c.id, d.provider, c.upstream, c.status, c.generation,
      extract(epoch from c.access_token_expires_at - c.access_token_issued_at)::double precision * 1000,
      extract(epoch from c.access_token_expires_at - v_now)::double precision * 1000,
      c.access_token_expires_at,
      extract(epoch from greatest(c.retry_not_before, case when c.lease_expires_at <= v_now then c.journal_wait_until end) - v_now)::double precision * 1000,
      coalesce(c.lease_expires_at > v_now, false), c.last_error,
      c.single_use, g.type, coalesce(g.polled, false), s.sealed,
      jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped)
    from connections c
      join credentials d on d.tenant_id = p_tenant and d.id = c.credential_id
      left join token_sets s on s.tenant_id = p_tenant and s.connection_id = c.id
      left join tenant_keys k on k.tenant_id = p_tenant and k.id = s.data_key_id
      left join pending_grants g on g.tenant_id = p_tenant and g.connection_id = c.id
    where c.tenant_id = p_tenant and c.slug = p_slug;
end $$;
