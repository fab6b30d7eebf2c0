-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- Takes a new authorisation away that must not have the connection, and changes nothing else: the grant of before is due
-- when it was. False: it has been replaced meanwhile, or somebody has written the end of this attempt already.
create or replace function gk.turn_away(p_tenant uuid, p_turned jsonb)
returns boolean language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off as $$
declare v_row connections; v_deadline timestamptz; v_due timestamptz; v_ours boolean; p record;
begin
  select * into p from jsonb_to_record(p_turned) as turned (connection_id uuid, intent_id uuid, owner uuid, spent_hash text, code text);
  perform set_config('gk.tenant_id', p_tenant::text, true);
  delete from intents where id = p.intent_id returning deadline_at into v_deadline;
  select * into v_row from connections where id = p.connection_id for update;
  if not found then return false; end if;
  delete from pending_grants where connection_id = p.connection_id and encode(spent_hash, 'hex') = p.spent_hash
    returning replaced_due_at into v_due;
  if not found then return false; end if;
  v_ours := coalesce(v_row.lease_owner = p.owner and v_row.lease_expires_at = v_deadline, false);
  update connections set
    next_renewal_at = v_due, unfinished = 0,
    -- Whoever waits for the end of this attempt must not take up the grant of before instead.
    retry_not_before = gk.now() + interval '2 seconds',
    lease_owner = case when v_ours then null else lease_owner end,
    lease_expires_at = case when v_ours then null else lease_expires_at end,
    journal_wait_until = case when v_ours then null else journal_wait_until end,
    updated_at = gk.now()
  where id = p.connection_id;
  insert into connection_events (tenant_id, connection_id, type, data, created_at)
    values (p_tenant, p.connection_id, 'connection.authorization_failed', jsonb_build_object('code', p.code), gk.now());
  return true;
end $$;
