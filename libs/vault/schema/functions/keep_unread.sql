-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- Keeps an answer with success that could not be read as tokens. `pending_id` null: it is written as the next
-- generation, with the access token of before and the newest refresh token. Otherwise it takes the place of the
-- one-time credential that was sent for it, under that id. False: somebody has written the end of this attempt already.
create or replace function gk.keep_unread(p_tenant uuid, p_unread jsonb)
returns boolean language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off as $$
declare v_now timestamptz; v_row connections; v_waiting bytea; v_kept bytea; v_leased uuid; p record;
begin
  select * into p from jsonb_to_record(p_unread) as unread (connection_id uuid, generation integer, pending_id uuid, sealed text,
    data_key_id uuid, status text, error jsonb, next_renewal_at timestamptz, retry_not_before timestamptz, rotating boolean,
    spent_hash text, unread_by text);
  perform set_config('gk.tenant_id', p_tenant::text, true);
  v_kept := sha256(convert_to(p.sealed, 'UTF8'));
  select * into v_row from connections where id = p.connection_id and generation = p.generation for update;
  if not found then
    -- The answer to this very call may have been lost on its way.
    return exists (select from token_sets where connection_id = p.connection_id and spent_hash = v_kept);
  end if;
  v_now := gk.now();
  select spent_hash into v_waiting from pending_grants where connection_id = p.connection_id;
  if p.pending_id is not null then
    update pending_grants set id = p.pending_id, sealed = p.sealed, polled = false, interval_seconds = null, expires_at = null
      where connection_id = p.connection_id and encode(spent_hash, 'hex') = p.spent_hash;
    if not found then return coalesce(v_waiting = v_kept, false); end if;
    v_waiting := null;
  else
    if encode(v_waiting, 'hex') = p.spent_hash then
      delete from pending_grants where connection_id = p.connection_id;
      v_waiting := null;
    end if;
    insert into token_sets (connection_id, tenant_id, generation, data_key_id, sealed, created_at)
      values (p.connection_id, p_tenant, p.generation + 1, p.data_key_id, p.sealed, v_now)
      on conflict (connection_id) do update set generation = excluded.generation,
        data_key_id = excluded.data_key_id, sealed = excluded.sealed, created_at = excluded.created_at;
  end if;
  -- A new authorisation that came meanwhile is still to be exchanged, as in `commit_renewals`.
  if v_waiting is not null then
    select id into v_leased from intents where tenant_id = p_tenant and connection_id = p.connection_id and spent_hash = v_waiting
      and owner = v_row.lease_owner and deadline_at = v_row.lease_expires_at limit 1;
  end if;
  update connections set
    generation = case when p.pending_id is null then p.generation + 1 else p.generation end,
    status = p.status, last_error = p.error, failed_attempts = failed_attempts + 1, unread_by = p.unread_by, refused_since = null, unfinished = 0,
    next_renewal_at = case when v_waiting is null then p.next_renewal_at else next_renewal_at end,
    retry_not_before = case when v_waiting is null then p.retry_not_before else retry_not_before end,
    rotating = case when v_waiting is null then p.rotating else rotating end,
    lease_owner = case when v_leased is null then null else lease_owner end,
    lease_expires_at = case when v_leased is null then null else lease_expires_at end,
    journal_wait_until = case when v_leased is null then null else journal_wait_until end,
    updated_at = v_now
  where id = p.connection_id;
  delete from intents where tenant_id = p_tenant and connection_id = p.connection_id and generation <= p.generation and id is distinct from v_leased;
  if v_row.status <> p.status then
    insert into connection_events (tenant_id, connection_id, type, data, created_at)
      values (p_tenant, p.connection_id, 'connection.' || p.status, jsonb_build_object('code', p.error->>'code'), v_now);
  end if;
  return true;
end $$;
