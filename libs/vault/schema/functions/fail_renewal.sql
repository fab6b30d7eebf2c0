-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.fail_renewal(p_tenant uuid, p_failure jsonb)
returns boolean language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off as $$
declare v_now timestamptz; v_row connections; v_deadline timestamptz; v_waiting text; v_status text; v_ours boolean; v_moved boolean; v_replaced boolean;
  p record;
begin
  select * into p from jsonb_to_record(p_failure) as failure (connection_id uuid, intent_id uuid, owner uuid, generation integer,
    status text, error jsonb, next_renewal_at timestamptz, retry_not_before timestamptz, terminal boolean, refused boolean, spent_hash text);
  perform set_config('gk.tenant_id', p_tenant::text, true);
  delete from intents where id = p.intent_id returning deadline_at into v_deadline;
  select * into v_row from connections where id = p.connection_id for update;
  if not found then return false; end if;
  select encode(spent_hash, 'hex') into v_waiting from pending_grants where connection_id = p.connection_id;
  -- A late renewal of the old grant may be written while a new authorisation is exchanged: that one's end counts all the same.
  v_moved := v_row.generation <> p.generation;
  if v_moved and not coalesce(v_waiting = p.spent_hash, false) then return false; end if;
  -- The very lease of that intent: the same process may have taken another one since.
  v_ours := coalesce(v_row.lease_owner = p.owner and v_row.lease_expires_at = v_deadline, false);
  -- Somebody else has taken over meanwhile: only what is final still counts.
  if not v_ours and not p.terminal then return false; end if;
  v_now := gk.now();
  -- Tokens that were renewed meanwhile stay, whatever this claim found.
  v_status := case when v_moved then v_row.status else p.status end;
  -- A new authorisation that came meanwhile has nothing to do with this end, and keeps its due time.
  v_replaced := coalesce(v_waiting <> p.spent_hash, false);
  update connections set
    status = v_status, last_error = p.error, failed_attempts = failed_attempts + 1, unfinished = 0,
    refused_since = case when p.refused then coalesce(refused_since, v_now) end,
    next_renewal_at = case when v_replaced then next_renewal_at when v_moved and p.terminal then v_now else p.next_renewal_at end,
    retry_not_before = case when v_replaced then retry_not_before else p.retry_not_before end,
    lease_owner = case when v_ours then null else lease_owner end,
    lease_expires_at = case when v_ours then null else lease_expires_at end,
    journal_wait_until = case when v_ours then null else journal_wait_until end,
    updated_at = v_now
  where id = p.connection_id;
  if p.terminal and v_waiting = p.spent_hash then delete from pending_grants where connection_id = p.connection_id; end if;
  if v_row.status <> v_status then
    insert into connection_events (tenant_id, connection_id, type, data, created_at)
      values (p_tenant, p.connection_id, 'connection.' || v_status, jsonb_build_object('code', p.error->>'code'), v_now);
  end if;
  return true;
end $$;
