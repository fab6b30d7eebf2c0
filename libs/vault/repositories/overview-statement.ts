/** Rows that are looked at, at most: what a page shows must cost milliseconds however much there is. */
const most = { failing: 1_000, upstreams: 100, renewed: 50, newest: 500, due: 100, ending: 200 };

/**
 * A tenant at a glance, each part from the head of an index: what its providers' servers have done in the last hour, and
 * the grants that end in the next 90 days. Renewed latest are those of each server that are due last, and those of the
 * tenant whose tokens end last: what is renewed when a read asks is never due.
 * $1 tenant, $2 codes of a server that is down, $3 codes by which nobody was asked.
 */
export const overviewStatement = `
with clock as materialized (select gk.now() as now),
failing as materialized (
  select c.slug, c.upstream, c.code, c.failed_at, c.grant_ends_at, c.refresh_token_expires_at, wanted.status
  from unnest(array['degraded', 'reauthorization_required']) wanted (status), lateral (
    select slug, upstream, last_error->>'code' as code, (last_error->>'at')::timestamptz as failed_at, grant_ends_at, refresh_token_expires_at
    from gk.connections where tenant_id = $1 and status = wanted.status and status <> 'active' limit ${most.failing}) c),
refused as materialized (
  select upstream, code, failed_at from failing where failed_at > (select now - interval '1 hour' from clock)),
newest as materialized (
  select id, upstream, last_renewed_at, access_token_issued_at from gk.connections
  where tenant_id = $1 and access_token_expires_at is not null order by access_token_expires_at desc limit ${most.newest}),
upstreams as (
  select distinct provider, upstream from gk.credentials where tenant_id = $1 order by 1, 2 limit ${most.upstreams}),
health as (
  select u.provider, u.upstream, renewed.*, due.*, failures.*
  from upstreams u, lateral (
    select count(*)::integer as renewals, max(last_renewed_at) as renewed_at,
      percentile_cont(array[0.5, 0.95]) within group (order by extract(epoch from last_renewed_at - access_token_issued_at) * 1000) as quantiles
    from (
      (select id, last_renewed_at, access_token_issued_at from gk.connections
        where tenant_id = $1 and upstream = u.upstream and next_renewal_at is not null and not paused
        order by next_renewal_at desc limit ${most.renewed})
      union select id, last_renewed_at, access_token_issued_at from newest where upstream = u.upstream) latest
    where last_renewed_at > (select now - interval '1 hour' from clock)) renewed, lateral (
    select count(*)::integer as due, min(next_renewal_at) as due_since
    from (select next_renewal_at from gk.connections
      where tenant_id = $1 and upstream = u.upstream and not paused and next_renewal_at <= (select now from clock)
        and (lease_expires_at is null or lease_expires_at <= (select now from clock))
        and (journal_wait_until is null or journal_wait_until <= (select now from clock))
      order by next_renewal_at limit ${most.due}) waiting) due, lateral (
    select coalesce(jsonb_object_agg(code, n), '{}') as failures, max(last_at) filter (where code = any ($2)) as down_at,
      max(last_at) filter (where code <> all ($2) and code <> all ($3)) as refused_at
    from (select code, count(*)::integer as n, max(failed_at) as last_at from refused where upstream = u.upstream and code is not null group by code) coded) failures),
ending as (
  select slug, min(ends_at) as ends_at from (
    (select slug, grant_ends_at as ends_at from gk.connections
      where tenant_id = $1 and grant_ends_at < (select now + interval '90 days' from clock) and status <> 'reauthorization_required'
      order by grant_ends_at limit ${most.ending})
    union all
    select slug, refresh_token_expires_at from failing
      where status = 'degraded' and refresh_token_expires_at < (select now + interval '90 days' from clock)) soon
  group by slug order by 2 limit ${most.ending})
select
  (select coalesce(jsonb_agg(jsonb_build_object('connection', slug, 'ends_at', ends_at) order by ends_at), '[]') from ending) as ending,
  (select coalesce(jsonb_agg(jsonb_build_object('provider', provider, 'upstream', upstream,
    'answers', case when coalesce(down_at, renewed_at, refused_at) is not null
      then coalesce(greatest(renewed_at, refused_at) >= down_at, down_at is null) end,
    'renewals', renewals, 'p50_ms', round(quantiles[1]), 'p95_ms', round(quantiles[2]), 'failures', failures, 'due', due,
    'lateness_seconds', coalesce(floor(extract(epoch from (select now from clock) - due_since)), 0)) order by provider, upstream), '[]')
    from health) as upstreams`;
