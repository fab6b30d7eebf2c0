-- owner: grantkeeper_clerk
-- execute: grantkeeper_scheduler
-- The webhooks that have something outstanding, how many of each are under way, how many more may be, and when its
-- next is due.
-- The recursion goes from webhook to webhook in `deliveries_due`, one step in the index for each however many rows
-- it has; webhooks without anything outstanding cost nothing. A webhook that fails is tried with one delivery at a
-- time, so that endpoints that hang cannot take every place there is.
create or replace function gk.open_webhooks(p_now timestamptz) returns table (webhook_id uuid, under_way integer, room integer, due_at timestamptz)
language plpgsql set search_path = gk, pg_temp as $$
#variable_conflict use_column
begin
  return query
    with recursive outstanding(webhook_id, due_at) as (
      (select d.webhook_id, d.next_attempt_at from deliveries d where d.next_attempt_at is not null
         order by d.webhook_id, d.next_attempt_at limit 1)
      union all
      select n.webhook_id, n.next_attempt_at from outstanding o cross join lateral (
        select d.webhook_id, d.next_attempt_at from deliveries d
        where d.next_attempt_at is not null and d.webhook_id > o.webhook_id
        order by d.webhook_id, d.next_attempt_at limit 1) n
    ), open as (
      select o.webhook_id, o.due_at, case when w.failing_since is null then 8 else 1 end as places,
        (select count(*) from deliveries u where u.webhook_id = o.webhook_id and u.lease_owner is not null
           and u.next_attempt_at > p_now)::integer as under_way
      from outstanding o
        join webhooks w on w.id = o.webhook_id and w.disabled_at is null
        join tenants t on t.id = w.tenant_id and t.disabled_at is null
    )
    select open.webhook_id, open.under_way, open.places - open.under_way, open.due_at from open
      where open.places > open.under_way;
end $$;
