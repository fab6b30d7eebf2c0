import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/** How a delivery is claimed and how an attempt ends. */
export class DeliveryFunctions1764000000012 implements MigrationInterface {
  name = 'DeliveryFunctions1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      grant select (id, tenant_id, webhook_id, connection_id, status, attempts, next_attempt_at, lease_owner, first_attempted_at),
        update (attempts, next_attempt_at, lease_owner, first_attempted_at, last_attempted_at)
        on gk.deliveries to grantkeeper_scheduler;
      create policy outbox_select on gk.deliveries for select to grantkeeper_scheduler using (true);
      create policy outbox_update on gk.deliveries for update to grantkeeper_scheduler using (true)`);
    await runner.query(`create function ${openWebhooks}`);
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'claim_deliveries(uuid, integer, double precision)',
      claimDeliveries,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'ms_until_delivery()',
      `gk.ms_until_delivery() returns double precision language plpgsql as $$
       declare v_now timestamptz := gk.now();
       begin
         return (select extract(epoch from min(due_at) - v_now) * 1000 from open_webhooks(v_now));
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'load_delivery(uuid, bigint, uuid)',
      `gk.load_delivery(p_tenant uuid, p_delivery bigint, p_owner uuid)
       returns table (message_id uuid, webhook_id uuid, url text, sealed text, payload jsonb, attempts integer,
         attempted_at timestamptz, give_up_in_ms double precision, data_keys jsonb)
       language plpgsql as $$
       #variable_conflict use_column
       declare v_now timestamptz := gk.now();
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         return query
           select d.message_id, d.webhook_id, w.url, w.sealed, d.payload, d.attempts, d.last_attempted_at,
             extract(epoch from d.give_up_at - v_now)::double precision * 1000,
             (select jsonb_agg(jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped) order by k.version desc)
                from tenant_keys k where k.tenant_id = p_tenant)
           from deliveries d join webhooks w on w.tenant_id = p_tenant and w.id = d.webhook_id
           where d.id = p_delivery and d.tenant_id = p_tenant and d.lease_owner = p_owner and d.status = 'pending';
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'end_attempt(uuid, bigint, uuid, text, integer, text, double precision, boolean)',
      endAttempt,
    );
  }

  async down(): Promise<void> {
    throw new Error('These functions are replaced by later migrations, never dropped.');
  }
}

/**
 * The webhooks that have something outstanding, how many of each are under way, how many more may be, and when its
 * next is due.
 * The recursion goes from webhook to webhook in `deliveries_due`, one step in the index for each however many rows
 * it has; webhooks without anything outstanding cost nothing. A webhook that fails is tried with one delivery at a
 * time, so that endpoints that hang cannot take every place there is.
 */
const openWebhooks = `gk.open_webhooks(p_now timestamptz) returns table (webhook_id uuid, under_way integer, room integer, due_at timestamptz)
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
       end $$`;

/**
 * Each webhook gets its turn: first those with none under way, then those with one. So a webhook whose receiver is
 * slow, and which always has something that is due for longer, does not take each place that becomes free. At most
 * `room` rows of each are looked at: a range of `deliveries_due` per webhook, whatever lies behind it.
 *
 * What is due but must wait for an earlier one of its connection is put aside, and the end of that one calls it up.
 * Who comes first is asked in a statement of its own after the rows are locked, so that an end that was written before
 * is seen. The earlier one is locked too: its end comes later then, and sees what was put aside. Where it cannot be
 * locked its end is just being written, perhaps by somebody who cannot see the later one yet: that stays due.
 */
const claimDeliveries = `gk.claim_deliveries(p_owner uuid, p_limit integer, p_lease_seconds double precision)
       returns table (tenant_id uuid, delivery_id bigint)
       language plpgsql as $$
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
       end $$`;

/**
 * The webhook is locked first, as its deletion does, so that ends of one webhook are written one after the other. The
 * end of the first in a row calls up the next, whether it has been put aside yet or is about to be. To be disabled it
 * is locked against new deliveries too: one that is being written is waited for, so that it is seen and ends as well.
 */
const endAttempt = `gk.end_attempt(p_tenant uuid, p_delivery bigint, p_owner uuid, p_status text, p_http_status integer, p_error text,
         p_retry_seconds double precision, p_disable boolean)
       returns boolean language plpgsql as $$
       declare v_now timestamptz; v_webhook uuid; v_connection uuid;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         select webhook_id, connection_id into v_webhook, v_connection from deliveries
           where id = p_delivery and lease_owner = p_owner and status = 'pending';
         if not found then return false; end if;
         if p_disable then
           perform 1 from webhooks where id = v_webhook for update;
         else
           perform 1 from webhooks where id = v_webhook for no key update;
         end if;
         v_now := gk.now();
         update deliveries set status = p_status, last_status = p_http_status, last_error = p_error, lease_owner = null,
           next_attempt_at = case when p_status = 'pending' then v_now + make_interval(secs => p_retry_seconds) end,
           ended_at = case when p_status <> 'pending' then v_now end
         where id = p_delivery and lease_owner = p_owner and status = 'pending';
         if not found then return false; end if;
         if p_disable then
           update webhooks set disabled_at = coalesce(disabled_at, v_now) where id = v_webhook;
           update deliveries set status = 'dead', last_error = 'webhook_disabled', lease_owner = null, next_attempt_at = null, ended_at = v_now
             where webhook_id = v_webhook and status = 'pending';
           return true;
         end if;
         if p_status = 'delivered' then
           update webhooks set failing_since = null where id = v_webhook and failing_since is not null;
         else
           update webhooks set failing_since = v_now where id = v_webhook and failing_since is null;
         end if;
         if p_status <> 'pending' then
           update deliveries set next_attempt_at = coalesce(next_attempt_at, v_now) where id = (
             select id from deliveries where webhook_id = v_webhook and connection_id = v_connection and status = 'pending'
             order by id limit 1);
         end if;
         return true;
       end $$`;
