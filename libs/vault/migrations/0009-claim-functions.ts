import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/**
 * Claims: the lease, and the intent to spend, in one statement. A claim of what can be spent once only keeps others
 * away until the claimer's journal has been read, or the grace has passed, should its end never be written.
 */
export class ClaimFunctions1764000000009 implements MigrationInterface {
  name = 'ClaimFunctions1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function gk.claim_connection(uuid, uuid, integer, uuid, double precision, boolean);
      drop function gk.claim_due(uuid, integer, double precision);
      drop function gk.ms_until_due()`);
    await defineFunction(
      runner,
      'grantkeeper_app',
      'claim_connection(uuid, uuid, integer, uuid, uuid, double precision, double precision, boolean)',
      `gk.claim_connection(p_tenant uuid, p_connection uuid, p_generation integer, p_owner uuid, p_journal uuid,
         p_lease_seconds double precision, p_grace_seconds double precision, p_insist boolean)
       returns table (outcome text, intent_id uuid, claimed_at timestamptz, retry_in_ms double precision, last_error jsonb)
       language plpgsql as $$
       #variable_conflict use_column
       declare v_now timestamptz; v_row connections; v_outcome text; v_intent uuid; v_pending pending_grants; v_until timestamptz; v_wait timestamptz;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         select * into v_row from connections where id = p_connection for update;
         select * into v_pending from pending_grants where connection_id = p_connection;
         v_now := gk.now();
         v_outcome := case
           when v_row.id is null then 'gone'
           when v_row.generation <> p_generation then 'renewed'
           when v_pending.id is null and v_row.status in ('reauthorization_required', 'revoked') then 'ended'
           when v_row.lease_expires_at > v_now then 'leased'
           when gk.held() then 'held'
           when v_row.journal_wait_until > v_now then 'awaiting_journal'
           when v_row.one_time and gk.awaiting_journals(p_grace_seconds) then 'awaiting_journal'
           when v_row.retry_not_before > v_now and (not p_insist or v_pending.type = 'ciba') then 'held_back'
           else 'claimed' end;
         if v_outcome = 'claimed' then
           v_intent := gen_random_uuid();
           v_until := v_now + make_interval(secs => p_lease_seconds);
           v_wait := case when v_row.one_time then v_until + make_interval(secs => p_grace_seconds) end;
           update connections set lease_owner = p_owner, lease_expires_at = v_until, journal_wait_until = v_wait,
             unfinished = least(unfinished + 1, 100),
             -- Should this claim never end, the worker looks after it.
             next_renewal_at = case when v_row.one_time then least(next_renewal_at, v_wait) else next_renewal_at end
             where id = p_connection;
           insert into intents (id, tenant_id, connection_id, generation, owner, journal_owner, credential_hash, created_at, deadline_at)
             values (v_intent, p_tenant, p_connection, p_generation, p_owner, p_journal,
               coalesce(v_pending.credential_hash, (select credential_hash from token_sets where connection_id = p_connection)), v_now, v_until);
         end if;
         return query select v_outcome, v_intent, v_now,
           extract(epoch from case v_outcome when 'awaiting_journal' then v_row.journal_wait_until else v_row.retry_not_before end - v_now)::double precision * 1000,
           v_row.last_error;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'claim_due(uuid, uuid, integer, double precision, double precision, jsonb)',
      claimDue,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'due_lanes(timestamptz, uuid[], text[], text[], uuid, text, integer, integer)',
      dueLanes,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'ms_until_due()',
      `gk.ms_until_due() returns double precision language plpgsql as $$
       declare v_now timestamptz := gk.now(); v_due timestamptz;
       begin
         select next_renewal_at into v_due from connections
           where next_renewal_at is not null and (lease_expires_at is null or lease_expires_at <= v_now)
             and (journal_wait_until is null or journal_wait_until <= v_now)
           order by next_renewal_at limit 1;
         return extract(epoch from v_due - v_now) * 1000;
       end $$`,
    );
  }

  async down(): Promise<void> {
    throw new Error('These functions are replaced by later migrations, never dropped.');
  }
}

/**
 * The lanes (a tenant at an upstream) that have something due, from a place in their order on. Each costs one step
 * in the index however many rows it holds, and so does one that is skipped.
 */
const dueLanes = `gk.due_lanes(p_now timestamptz, p_tenants uuid[], p_upstreams text[], p_lanes text[], p_after_tenant uuid, p_after_upstream text, p_wanted integer, p_steps integer)
       returns table (tenant_id uuid, upstream text) language plpgsql as $$
       #variable_conflict use_column
       declare v_tenant uuid := p_after_tenant; v_upstream text := p_after_upstream; v_due timestamptz; v_found integer := 0;
       begin
         for step in 1..p_steps loop
           select c.tenant_id, c.upstream, c.next_renewal_at into v_tenant, v_upstream, v_due from connections c
             where c.next_renewal_at is not null and (c.tenant_id, c.upstream) > (v_tenant, v_upstream)
             order by c.tenant_id, c.upstream, c.next_renewal_at limit 1;
           exit when not found;
           continue when v_due > p_now or v_tenant = any (p_tenants) or v_upstream = any (p_upstreams)
             or v_tenant || ' ' || v_upstream = any (p_lanes);
           tenant_id := v_tenant;
           upstream := v_upstream;
           return next;
           v_found := v_found + 1;
           exit when v_found >= p_wanted;
         end loop;
       end $$`;

/**
 * While everything due fits into one claim it is simply taken, the longest due first. Under pressure each tenant gets
 * its turn instead, its rows in the order of rank ÷ weight. They are looked for where the longest and the shortest due
 * lie, which mostly is everywhere: whoever is alone behind a crowd that must wait is found at once. Behind more than
 * that, by lanes: those after a random place, and the first ones.
 *
 * `p_pressure`: `{tenants: {uuid: under way}, upstreams: {name: free}, lanes: {"uuid name": free}, tenant_limit, upstream_limit}`.
 */
const claimDue = `gk.claim_due(p_owner uuid, p_journal uuid, p_limit integer, p_lease_seconds double precision, p_grace_seconds double precision, p_pressure jsonb)
       returns table (tenant_id uuid, connection_id uuid, intent_id uuid, generation integer, claimed_at timestamptz, upstream text)
       language plpgsql as $$
       #variable_conflict use_column
       declare
         v_now timestamptz := gk.now();
         v_until timestamptz := v_now + make_interval(secs => p_lease_seconds);
         v_wait timestamptz := v_until + make_interval(secs => p_grace_seconds);
         v_tenant_limit integer := (p_pressure->>'tenant_limit')::integer;
         v_upstream_limit integer := (p_pressure->>'upstream_limit')::integer;
         v_full_tenants uuid[]; v_full_upstreams text[]; v_spared text[]; v_ids uuid[]; v_healing boolean; v_easy boolean;
         v_near integer := greatest(p_limit, 128); v_lanes integer := greatest(p_limit, 64);
         v_start uuid := gen_random_uuid(); v_tenants uuid[]; v_upstreams text[];
       begin
         if gk.held() then return; end if;
         v_healing := gk.awaiting_journals(p_grace_seconds);
         select coalesce(array_agg(key::uuid), '{}') into v_full_tenants
           from jsonb_each_text(p_pressure->'tenants') where value::integer >= v_tenant_limit;
         select coalesce(array_agg(key), '{}') into v_full_upstreams
           from jsonb_each_text(p_pressure->'upstreams') where value::integer <= 0;
         select coalesce(array_agg(key), '{}') into v_spared
           from jsonb_each_text(p_pressure->'lanes') where value::integer <= 0;
         v_easy := v_full_tenants = '{}' and v_full_upstreams = '{}' and v_spared = '{}';
         if v_easy then
           select array_agg(id) into v_ids from (
             select id from connections where next_renewal_at <= v_now order by next_renewal_at limit p_limit + 1) due;
           if v_ids is null then return; end if;
         end if;
         if v_ids is null or cardinality(v_ids) > p_limit then
           if exists (select from connections where next_renewal_at <= v_now order by next_renewal_at offset v_near * 2 limit 1) then
             select array_agg(tenant_id), array_agg(upstream) into v_tenants, v_upstreams from (
               select * from gk.due_lanes(v_now, v_full_tenants, v_full_upstreams, v_spared, v_start, '', v_lanes, 1000)
               union
               select * from gk.due_lanes(v_now, v_full_tenants, v_full_upstreams, v_spared, '00000000-0000-0000-0000-000000000000', '', v_lanes, 1000)
               limit v_lanes) lanes;
           end if;
           select array_agg(id) into v_ids from (
             select c.id, c.next_renewal_at, row_number() over (partition by c.tenant_id order by c.next_renewal_at) / t.renewal_weight::double precision as turn
             from (
               (select id, tenant_id, upstream, next_renewal_at, one_time from connections
                  where next_renewal_at <= v_now and (lease_expires_at is null or lease_expires_at <= v_now)
                    and (journal_wait_until is null or journal_wait_until <= v_now)
                  order by next_renewal_at limit v_near)
               union
               (select id, tenant_id, upstream, next_renewal_at, one_time from connections
                  where next_renewal_at <= v_now and (lease_expires_at is null or lease_expires_at <= v_now)
                    and (journal_wait_until is null or journal_wait_until <= v_now)
                  order by next_renewal_at desc limit v_near)
               union
               select c.* from unnest(v_tenants, v_upstreams) l (tenant_id, upstream)
                 cross join lateral (
                   select id, tenant_id, upstream, next_renewal_at, one_time from connections
                   where tenant_id = l.tenant_id and upstream = l.upstream and next_renewal_at <= v_now
                     and (lease_expires_at is null or lease_expires_at <= v_now)
                     and (journal_wait_until is null or journal_wait_until <= v_now)
                     and not (one_time and v_healing)
                   order by next_renewal_at limit p_limit) c
             ) c join tenants t on t.id = c.tenant_id
             where not (c.one_time and v_healing) and not (c.tenant_id = any (v_full_tenants) or c.upstream = any (v_full_upstreams)
               or c.tenant_id || ' ' || c.upstream = any (v_spared))
             order by turn, next_renewal_at limit p_limit) ranked;
         end if;
         return query
           with due as (
             select id, tenant_id, upstream from connections
             where id = any (v_ids) and next_renewal_at <= v_now and (lease_expires_at is null or lease_expires_at <= v_now)
               and (journal_wait_until is null or journal_wait_until <= v_now) and not (one_time and v_healing)
             order by next_renewal_at for update skip locked
           ), fitting as (
             select id from (
               select id,
                 row_number() over (partition by tenant_id) + coalesce((p_pressure->'tenants'->>tenant_id::text)::integer, 0) as in_tenant,
                 row_number() over (partition by upstream) as in_upstream,
                 row_number() over (partition by tenant_id, upstream) as in_lane,
                 coalesce((p_pressure->'upstreams'->>upstream)::integer, v_upstream_limit) as upstream_free,
                 coalesce((p_pressure->'lanes'->>(tenant_id || ' ' || upstream))::integer, p_limit) as lane_free
               from due) ranked
             where in_tenant <= v_tenant_limit and in_upstream <= upstream_free and in_lane <= lane_free
           ), claimed as (
             update connections c set lease_owner = p_owner, lease_expires_at = v_until,
               journal_wait_until = case when c.one_time then v_wait end,
               unfinished = least(c.unfinished + 1, 100),
               -- A row whose claims never end (its renewal may be killing the process) is left alone for longer and longer.
               next_renewal_at = case when c.unfinished >= 3 then v_until + make_interval(secs => 60 * 2 ^ least(c.unfinished, 10)) else c.next_renewal_at end
             from fitting where c.id = fitting.id
             returning c.tenant_id, c.id, c.generation, c.upstream, gen_random_uuid() as intent
           ), noted as (
             insert into intents (id, tenant_id, connection_id, generation, owner, journal_owner, credential_hash, created_at, deadline_at)
             select intent, claimed.tenant_id, claimed.id, claimed.generation, p_owner, p_journal,
               coalesce((select g.credential_hash from pending_grants g where g.tenant_id = claimed.tenant_id and g.connection_id = claimed.id),
                 (select s.credential_hash from token_sets s where s.tenant_id = claimed.tenant_id and s.connection_id = claimed.id)),
               v_now, v_until from claimed
           )
           select claimed.tenant_id, claimed.id, claimed.intent, claimed.generation, v_now, claimed.upstream from claimed;
       end $$`;
