-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.close_intents(p_journals uuid[], p_owner uuid, p_under_way uuid[], p_lease_seconds double precision) returns integer
language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off as $$
declare v_now timestamptz := gk.now(); v_closed integer;
begin
  with closed as (
    delete from intents where journal_id = any (p_journals) and not id = any (p_under_way)
      -- A claim of our own whose answer is still on its way is not known to us yet.
      and (owner <> p_owner or created_at < v_now - make_interval(secs => p_lease_seconds))
    returning tenant_id, connection_id, owner
  ), released as (
    update connections c set lease_owner = null, lease_expires_at = null, journal_wait_until = null,
      -- One that was put off because its claims never end (see claim_due) stays put off.
      next_renewal_at = case when c.unfinished > 3 then coalesce(c.next_renewal_at, v_now) else
        -- A device is asked no sooner than its provider allows, whichever process asked last: that one may have asked
        -- just before it died.
        greatest(least(c.next_renewal_at, v_now), v_now + make_interval(secs => (
          select g.interval_seconds from pending_grants g where g.tenant_id = closed.tenant_id and g.connection_id = closed.connection_id))) end
    from closed where c.id = closed.connection_id and c.lease_owner = closed.owner
    returning c.id
  ) select count(*) into v_closed from released;
  return v_closed;
end $$;
