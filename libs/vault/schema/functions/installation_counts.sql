-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- The whole installation in numbers, each from a few rows or from the head of an index; nothing is counted beyond p_most.
create or replace function gk.installation_counts(p_most integer)
returns table (connections jsonb, expiring jsonb, due_backlog integer, lateness_seconds double precision, held boolean)
language sql stable security definer set search_path = gk, pg_temp as $$
  select
    (select coalesce(jsonb_agg(jsonb_build_object('provider', provider, 'status', status, 'count', n)), '[]')
       from (select provider, status, sum(change) as n from connection_counts group by 1, 2) counts where n <> 0),
    (select jsonb_object_agg(days || 'd', (select count(*) from (
         select from connections where grant_ends_at < gk.now() + make_interval(days => days)
           and status <> 'reauthorization_required' limit p_most) soon))
       from unnest(array[1, 7, 14]) days),
    (select count(*)::integer from (select from connections where next_renewal_at <= gk.now() and not paused
       and (lease_expires_at is null or lease_expires_at <= gk.now()) limit p_most) due),
    greatest(0, -gk.ms_until_due() / 1000),
    gk.held()
$$;
