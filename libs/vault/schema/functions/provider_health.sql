-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Each provider across all tenants: its connections, why they have failed in the last hour, and what is due. Of those that fail and those
-- that are due, the first p_most are looked at.
create or replace function gk.provider_health(p_most integer)
returns table (provider text, connections jsonb, failures jsonb, due integer, lateness_seconds integer)
language sql stable security definer set search_path = gk, pg_temp as $$
  with clock as materialized (select gk.now() as now),
  counted as (
    select provider, jsonb_object_agg(status, n) as connections
    from (select provider, status, sum(change) as n from connection_counts group by 1, 2) by_status where n > 0 group by 1),
  failed as (
    select provider, jsonb_object_agg(code, n) as failures from (
      select provider, last_error->>'code' as code, count(*) as n from (
        select c.provider, c.last_error from unnest(array['degraded', 'reauthorization_required']) wanted (status), lateral (
          select provider, last_error from connections
          where status = wanted.status and status <> 'active' limit p_most) c) failing
      where last_error->>'code' is not null and (last_error->>'at')::timestamptz > (select now - interval '1 hour' from clock) group by 1, 2) by_code
    group by 1),
  waiting as (
    select provider, count(*)::integer as due, floor(extract(epoch from (select now from clock) - min(next_renewal_at)))::integer as late
    from (select provider, next_renewal_at from connections
      where next_renewal_at <= (select now from clock) and not paused
        and (lease_expires_at is null or lease_expires_at <= (select now from clock))
        and (journal_wait_until is null or journal_wait_until <= (select now from clock))
      order by next_renewal_at limit p_most) soonest
    group by 1)
  select provider, connections, coalesce(failures, '{}'), coalesce(due, 0), coalesce(late, 0)
  from counted left join failed using (provider) left join waiting using (provider) order by provider
$$;
