-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Each webhook gets its turn: first those with none under way, then those with one. So a webhook whose receiver is
-- slow, and which always has something that is due for longer, does not take each place that becomes free. At most
-- `room` rows of each are looked at: a range of `deliveries_due` per webhook, whatever lies behind it.
--
-- A delivery that must wait for an earlier one of its connection loses its due time, and gets it back when that one ends.
-- Who comes first is asked in a statement of its own after the rows are locked, so that an end that was written before
-- is seen. The earlier one is locked too: its end comes later then, and sees what was put aside. Where it cannot be
-- locked its end is just being written, perhaps by somebody who cannot see the later one yet: that stays due.
create or replace function gk.claim_deliveries(p_owner uuid, p_limit integer, p_lease_seconds double precision)
returns table (tenant_id uuid, delivery_id bigint)
language plpgsql security definer set search_path = gk, pg_temp as $$
#variable_conflict use_column
declare v_now timestamptz := gk.now(); v_ids bigint[]; v_waiting bigint[];
begin
  select array_agg(id) into v_ids from (
    select d.id from open_webhooks(v_now) w cross join lateral (
      select id, next_attempt_at, w.under_way + row_number() over (order by next_attempt_at, id) as turn from deliveries
      where webhook_id = w.webhook_id and next_attempt_at is not null and next_attempt_at <= v_now
      order by next_attempt_at, id limit w.room) d
    where w.due_at <= v_now
    order by d.turn, d.next_attempt_at limit p_limit) due;
  if v_ids is null then return; end if;
  select array_agg(id) into v_ids from (
    select id from deliveries where id = any (v_ids) and next_attempt_at <= v_now for update skip locked) free;
  select array_agg(d.id) into v_waiting from deliveries d where d.id = any (v_ids) and exists (
    select from deliveries e where e.webhook_id = d.webhook_id and e.connection_id = d.connection_id
      and e.status = 'pending' and e.id < d.id limit 1 for share skip locked);
  update deliveries set next_attempt_at = null, lease_owner = null where id = any (v_waiting);
  return query
    update deliveries d set lease_owner = p_owner, next_attempt_at = v_now + make_interval(secs => p_lease_seconds),
      attempts = d.attempts + 1, first_attempted_at = coalesce(d.first_attempted_at, v_now), last_attempted_at = v_now
    where d.id = any (v_ids) and d.next_attempt_at is not null and not exists (
      select from deliveries e where e.webhook_id = d.webhook_id and e.connection_id = d.connection_id
        and e.status = 'pending' and e.id < d.id)
    returning d.tenant_id, d.id;
end $$;
