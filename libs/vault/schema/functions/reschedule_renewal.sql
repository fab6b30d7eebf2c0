-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.reschedule_renewal(p_tenant uuid, p_connection uuid, p_intent uuid, p_next_at timestamptz, p_interval_seconds double precision)
returns boolean language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off as $$
declare v_intent intents;
begin
  perform set_config('gk.tenant_id', p_tenant::text, true);
  delete from intents where id = p_intent returning * into v_intent;
  update connections set next_renewal_at = p_next_at, retry_not_before = p_next_at, unfinished = 0,
    lease_owner = null, lease_expires_at = null, journal_wait_until = null, updated_at = gk.now()
  where id = p_connection and lease_owner = v_intent.owner and lease_expires_at = v_intent.deadline_at;
  if not found then return false; end if;
  update pending_grants set interval_seconds = coalesce(p_interval_seconds, interval_seconds) where connection_id = p_connection;
  return true;
end $$;
