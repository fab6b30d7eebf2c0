-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- While everything due fits into one claim it is simply taken, the longest due first. Beyond that each tenant gets
-- its turn instead, its rows in the order of rank ÷ weight. They are looked for where the longest and the shortest due
-- lie, which mostly is everywhere: a row that is alone behind many that must wait is found at once. Behind more than
-- that, by partitions: those after a random place, and the first ones.
--
-- What is due of a disabled tenant is put aside for some minutes.
--
-- `p_limits`: `{tenants: {uuid: under way}, upstreams: {name: free}, partitions: {"uuid name": free}, tenant_limit, upstream_limit}`.
create or replace function gk.claim_due(p_owner uuid, p_journal uuid, p_limit integer, p_lease_seconds double precision, p_grace_seconds double precision, p_limits jsonb)
returns table (tenant_id uuid, connection_id uuid, intent_id uuid, generation integer, claimed_at timestamptz, upstream text)
language plpgsql security definer set search_path = gk, pg_temp as $$
#variable_conflict use_column
declare
  v_now timestamptz := gk.now();
  v_until timestamptz := v_now + make_interval(secs => p_lease_seconds);
  v_wait timestamptz := v_until + make_interval(secs => p_grace_seconds);
  v_tenant_limit integer := (p_limits->>'tenant_limit')::integer;
  v_upstream_limit integer := (p_limits->>'upstream_limit')::integer;
  v_full_tenants uuid[]; v_full_upstreams text[]; v_waiting text[]; v_ids uuid[]; v_healing boolean; v_easy boolean;
  v_near integer := greatest(p_limit, 128); v_partitions integer := greatest(p_limit, 64);
  v_start uuid := gen_random_uuid(); v_tenants uuid[]; v_upstreams text[];
begin
  if gk.held() then return; end if;
  v_healing := gk.awaiting_journals(p_grace_seconds);
  select coalesce(array_agg(key::uuid), '{}') into v_full_tenants
    from jsonb_each_text(p_limits->'tenants') where value::integer >= v_tenant_limit;
  select coalesce(array_agg(key), '{}') into v_full_upstreams
    from jsonb_each_text(p_limits->'upstreams') where value::integer <= 0;
  select coalesce(array_agg(key), '{}') into v_waiting
    from jsonb_each_text(p_limits->'partitions') where value::integer <= 0;
  v_easy := v_full_tenants = '{}' and v_full_upstreams = '{}' and v_waiting = '{}';
  if v_easy then
    select array_agg(id) into v_ids from (
      select id from connections where next_renewal_at <= v_now and not paused order by next_renewal_at limit p_limit + 1) due;
    if v_ids is null then return; end if;
  end if;
  if v_ids is null or cardinality(v_ids) > p_limit then
    if exists (select from connections where next_renewal_at <= v_now and not paused order by next_renewal_at offset v_near * 2 limit 1) then
      select array_agg(tenant_id), array_agg(upstream) into v_tenants, v_upstreams from (
        select * from gk.due_partitions(v_now, v_full_tenants, v_full_upstreams, v_waiting, v_start, v_partitions)
        union
        select * from gk.due_partitions(v_now, v_full_tenants, v_full_upstreams, v_waiting, '00000000-0000-0000-0000-000000000000', v_partitions)
        limit v_partitions) partitions;
    end if;
    select array_agg(id) into v_ids from (
      select c.id, c.next_renewal_at, row_number() over (partition by c.tenant_id order by c.next_renewal_at) / t.renewal_weight::double precision as turn
      from (
        (select id, tenant_id, upstream, next_renewal_at, rotating from connections
           where next_renewal_at <= v_now and not paused and (lease_expires_at is null or lease_expires_at <= v_now)
             and (journal_wait_until is null or journal_wait_until <= v_now)
           order by next_renewal_at limit v_near)
        union
        (select id, tenant_id, upstream, next_renewal_at, rotating from connections
           where next_renewal_at <= v_now and not paused and (lease_expires_at is null or lease_expires_at <= v_now)
             and (journal_wait_until is null or journal_wait_until <= v_now)
           order by next_renewal_at desc limit v_near)
        union
        select c.* from unnest(v_tenants, v_upstreams) l (tenant_id, upstream)
          cross join lateral (
            select id, tenant_id, upstream, next_renewal_at, rotating from connections
            where tenant_id = l.tenant_id and upstream = l.upstream and next_renewal_at <= v_now and not paused
              and (lease_expires_at is null or lease_expires_at <= v_now)
              and (journal_wait_until is null or journal_wait_until <= v_now)
              and not (rotating and v_healing)
            order by next_renewal_at limit p_limit) c
      ) c join tenants t on t.id = c.tenant_id
      where not (c.rotating and v_healing) and not (c.tenant_id = any (v_full_tenants) or c.upstream = any (v_full_upstreams)
        or c.tenant_id || ' ' || c.upstream = any (v_waiting))
      order by turn, next_renewal_at limit p_limit) ranked;
  end if;
  return query
    with locked as (
      select id, tenant_id, upstream,
        exists (select from tenants t where t.id = connections.tenant_id and t.disabled_at is not null) as disabled from connections
      where id = any (v_ids) and next_renewal_at <= v_now and not paused and (lease_expires_at is null or lease_expires_at <= v_now)
        and (journal_wait_until is null or journal_wait_until <= v_now) and not (rotating and v_healing)
      order by next_renewal_at for update skip locked
    ), due as (
      select * from locked where not disabled
    ), put_aside as (
      update connections c set next_renewal_at = v_now + interval '5 minutes' * (1 + random())
      from locked where c.id = locked.id and locked.disabled
    ), fitting as (
      select id from (
        select id,
          row_number() over (partition by tenant_id) + coalesce((p_limits->'tenants'->>tenant_id::text)::integer, 0) as in_tenant,
          row_number() over (partition by upstream) as in_upstream,
          row_number() over (partition by tenant_id, upstream) as in_partition,
          coalesce((p_limits->'upstreams'->>upstream)::integer, v_upstream_limit) as upstream_free,
          coalesce((p_limits->'partitions'->>(tenant_id || ' ' || upstream))::integer, p_limit) as partition_free
        from due) ranked
      where in_tenant <= v_tenant_limit and in_upstream <= upstream_free and in_partition <= partition_free
    ), claimed as (
      update connections c set lease_owner = p_owner, lease_expires_at = v_until,
        journal_wait_until = case when c.rotating then v_wait end,
        unfinished = least(c.unfinished + 1, 100),
        -- A row whose claims never end (its renewal may be killing the process) is left alone for longer and longer.
        next_renewal_at = case when c.unfinished >= 3 then v_until + make_interval(secs => 60 * 2 ^ least(c.unfinished, 10)) else c.next_renewal_at end
      from fitting where c.id = fitting.id
      returning c.tenant_id, c.id, c.generation, c.upstream, gen_random_uuid() as intent
    ), noted as (
      insert into intents (id, tenant_id, connection_id, generation, owner, journal_id, spent_hash, created_at, deadline_at)
      select intent, claimed.tenant_id, claimed.id, claimed.generation, p_owner, p_journal,
        coalesce((select g.spent_hash from pending_grants g where g.tenant_id = claimed.tenant_id and g.connection_id = claimed.id),
          (select s.spent_hash from token_sets s where s.tenant_id = claimed.tenant_id and s.connection_id = claimed.id)),
        v_now, v_until from claimed
    )
    select claimed.tenant_id, claimed.id, claimed.intent, claimed.generation, v_now, claimed.upstream from claimed;
end $$;
