-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.claim_connection(p_tenant uuid, p_claim jsonb)
returns table (outcome text, intent_id uuid, claimed_at timestamptz, retry_in_ms double precision, last_error jsonb)
language plpgsql security definer set search_path = gk, pg_temp as $$
#variable_conflict use_column
declare v_now timestamptz; v_row connections; v_outcome text; v_intent uuid; v_pending pending_grants; v_until timestamptz; v_wait timestamptz;
  p record;
begin
  select * into p from jsonb_to_record(p_claim) as claim (connection_id uuid, generation integer, owner uuid, journal_id uuid,
    lease_seconds double precision, grace_seconds double precision, insist boolean);
  perform set_config('gk.tenant_id', p_tenant::text, true);
  select * into v_row from connections where id = p.connection_id for update;
  select * into v_pending from pending_grants where connection_id = p.connection_id;
  v_now := gk.now();
  v_outcome := case
    when v_row.id is null then 'gone'
    when v_row.generation <> p.generation then 'renewed'
    -- A code that a person has just brought is exchanged all the same: it does not wait.
    when v_row.paused and (v_pending.id is null or v_pending.polled) then 'paused'
    when (select t.disabled_at from tenants t where t.id = p_tenant) is not null then 'tenant_disabled'
    when v_pending.id is null and v_row.status = 'reauthorization_required' then 'ended'
    when v_row.lease_expires_at > v_now then 'leased'
    when gk.held() then 'held'
    when v_row.journal_wait_until > v_now then 'awaiting_journal'
    when v_row.rotating and gk.awaiting_journals(p.grace_seconds) then 'awaiting_journal'
    when v_row.retry_not_before > v_now and (not p.insist or v_pending.polled) then 'held_back'
    else 'claimed' end;
  if v_outcome = 'claimed' then
    v_intent := gen_random_uuid();
    v_until := v_now + make_interval(secs => p.lease_seconds);
    v_wait := case when v_row.rotating then v_until + make_interval(secs => p.grace_seconds) end;
    update connections set lease_owner = p.owner, lease_expires_at = v_until, journal_wait_until = v_wait,
      unfinished = least(unfinished + 1, 100),
      -- Should this claim never end, the worker looks after it.
      next_renewal_at = case when v_row.rotating then least(next_renewal_at, v_wait) else next_renewal_at end
      where id = p.connection_id;
    insert into intents (id, tenant_id, connection_id, generation, owner, journal_id, spent_hash, created_at, deadline_at)
      values (v_intent, p_tenant, p.connection_id, p.generation, p.owner, p.journal_id,
        coalesce(v_pending.spent_hash, (select spent_hash from token_sets where connection_id = p.connection_id)), v_now, v_until);
  end if;
  return query select v_outcome, v_intent, v_now,
    extract(epoch from case v_outcome when 'awaiting_journal' then v_row.journal_wait_until else v_row.retry_not_before end - v_now)::double precision * 1000,
    v_row.last_error;
end $$;
