-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.commit_renewal(p_tenant uuid, p_renewal jsonb)
returns boolean language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off as $$
declare v_now timestamptz; v_row connections; v_waiting bytea; v_leased uuid; v_key bytea; p record;
begin
  select * into p from jsonb_to_record(p_renewal) as renewal (connection_id uuid, generation integer, sealed text, data_key_id uuid,
    scope text, issued_at timestamptz, expires_at timestamptz, refresh_token_expires_at timestamptz, next_renewal_at timestamptz,
    renew_ahead_at timestamptz, grant_ends_at timestamptz, rotating boolean, single_use boolean, announce boolean, spent_hash text,
    fields jsonb, account jsonb, requested_scope text, exclusive_key text);
  perform set_config('gk.tenant_id', p_tenant::text, true);
  select * into v_row from connections where id = p.connection_id and generation = p.generation for update;
  if not found then
    -- The answer to this very commit may have been lost on its way.
    return exists (select from token_sets where connection_id = p.connection_id and generation = p.generation + 1
      and spent_hash = sha256(convert_to(p.sealed, 'UTF8')));
  end if;
  v_now := gk.now();
  select spent_hash into v_waiting from pending_grants where connection_id = p.connection_id;
  if encode(v_waiting, 'hex') = p.spent_hash then
    delete from pending_grants where connection_id = p.connection_id;
    v_waiting := null;
  end if;
  -- A new authorisation that came meanwhile is still to be exchanged: it keeps its due time, and the lease of the process that exchanges it.
  if v_waiting is not null then
    select id into v_leased from intents where tenant_id = p_tenant and connection_id = p.connection_id and spent_hash = v_waiting
      and owner = v_row.lease_owner and deadline_at = v_row.lease_expires_at limit 1;
  end if;
  -- Of a new scope; a connection that has it already keeps it, and the tokens are written all the same.
  v_key := coalesce(decode(p.exclusive_key, 'hex'), v_row.exclusive_key);
  if v_key is distinct from v_row.exclusive_key
    and exists (select from connections where tenant_id = p_tenant and exclusive_key = v_key and id <> p.connection_id) then
    v_key := v_row.exclusive_key;
  end if;
  update connections set
    generation = p.generation + 1, status = 'active', scope = p.scope,
    access_token_issued_at = p.issued_at, access_token_expires_at = p.expires_at,
    refresh_token_expires_at = p.refresh_token_expires_at, renew_ahead_at = p.renew_ahead_at, grant_ends_at = p.grant_ends_at,
    next_renewal_at = case when v_waiting is null then p.next_renewal_at else next_renewal_at end,
    retry_not_before = case when v_waiting is null then null else retry_not_before end,
    rotating = case when v_waiting is null then p.rotating else rotating end,
    fields = coalesce(p.fields, fields), account = coalesce(p.account, account),
    requested_scope = coalesce(p.requested_scope, requested_scope), exclusive_key = v_key,
    last_renewed_at = v_now, last_error = null, failed_attempts = 0, unread_by = null, refused_since = null, single_use = p.single_use, unfinished = 0,
    lease_owner = case when v_leased is null then null else lease_owner end,
    lease_expires_at = case when v_leased is null then null else lease_expires_at end,
    journal_wait_until = case when v_leased is null then null else journal_wait_until end,
    updated_at = v_now
  where id = p.connection_id;
  delete from intents where tenant_id = p_tenant and connection_id = p.connection_id and generation <= p.generation and id is distinct from v_leased;
  insert into token_sets (connection_id, tenant_id, generation, data_key_id, sealed, created_at)
    values (p.connection_id, p_tenant, p.generation + 1, p.data_key_id, p.sealed, v_now)
    on conflict (connection_id) do update set generation = excluded.generation,
      data_key_id = excluded.data_key_id, sealed = excluded.sealed, created_at = excluded.created_at;
  if v_row.status <> 'active' then
    insert into connection_events (tenant_id, connection_id, type, data, created_at)
      values (p_tenant, p.connection_id, 'connection.active', jsonb_build_object('generation', p.generation + 1), v_now);
  end if;
  if p.announce then perform pg_notify('gk_changes', 'connection ' || p.connection_id); end if;
  return true;
end $$;
