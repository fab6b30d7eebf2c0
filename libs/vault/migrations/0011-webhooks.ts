import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/**
 * Webhooks and their outbox. Deliveries are written by triggers, in the transaction that changes a connection, so
 * that no code path can forget one. What they read besides is read as `grantkeeper_scheduler`, column by column: none
 * of it is sealed.
 */
export class Webhooks1764000000011 implements MigrationInterface {
  name = 'Webhooks1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table gk.webhooks (
        id uuid primary key,
        tenant_id uuid not null references gk.tenants on delete cascade,
        url text not null,
        description text,
        events text[] check (cardinality(events) > 0),
        sealed text not null,
        disabled_at timestamptz,
        failing_since timestamptz,
        created_at timestamptz not null default gk.now(),
        unique (tenant_id, id)
      );
      comment on column gk.webhooks.events is 'Null: all types.';
      comment on column gk.webhooks.failing_since is 'While it is set, one delivery at a time is tried.';

      -- No key to the tenant or the connection: the deliveries of a deleted connection are still made, and an event
      -- waits for no lock but the share of a webhook, which it does without rather than wait for.
      create table gk.deliveries (
        id bigint generated always as identity primary key,
        tenant_id uuid not null,
        webhook_id uuid not null,
        message_id uuid not null default gen_random_uuid(),
        connection_id uuid not null,
        connection text not null,
        type text not null,
        payload jsonb not null,
        status text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
        attempts integer not null default 0,
        next_attempt_at timestamptz,
        give_up_at timestamptz not null,
        lease_owner uuid,
        last_status integer,
        last_error text,
        first_attempted_at timestamptz,
        last_attempted_at timestamptz,
        ended_at timestamptz,
        created_at timestamptz not null,
        unique (tenant_id, message_id),
        foreign key (tenant_id, webhook_id) references gk.webhooks (tenant_id, id) on delete cascade
      ) with (fillfactor = 80);
      comment on column gk.deliveries.next_attempt_at is 'While it is leased, the end of the lease. Null: ended, or an earlier one of the same webhook and connection is pending.';

      -- What may be due, webhook by webhook: whatever waits behind another is not in it.
      create index deliveries_due on gk.deliveries (webhook_id, next_attempt_at, id) where next_attempt_at is not null;
      create index deliveries_under_way on gk.deliveries (webhook_id, next_attempt_at) where lease_owner is not null;
      create index deliveries_in_order on gk.deliveries (webhook_id, connection_id, id) where status = 'pending';
      create index deliveries_ended on gk.deliveries (status, ended_at) where ended_at is not null;
      create index on gk.deliveries (tenant_id, webhook_id, id)`);
    for (const table of ['webhooks', 'deliveries']) {
      await runner.query(`
        alter table gk.${table} enable row level security;
        alter table gk.${table} force row level security;
        grant select, insert, update, delete on gk.${table} to grantkeeper_app;
        create policy tenant on gk.${table} to grantkeeper_app using (tenant_id = (select gk.tenant_id()))`);
    }
    await runner.query(`
      grant select (id, tenant_id, events, disabled_at, failing_since) on gk.webhooks to grantkeeper_scheduler;
      create policy outbox_select on gk.webhooks for select to grantkeeper_scheduler using (true);
      -- Only to lock a row against its deletion: nothing is written.
      grant update (failing_since) on gk.webhooks to grantkeeper_scheduler;
      create policy outbox_lock on gk.webhooks for update to grantkeeper_scheduler using (true) with check (false);
      grant insert on gk.deliveries to grantkeeper_scheduler;
      create policy outbox_insert on gk.deliveries for insert to grantkeeper_scheduler with check (true);
      grant select (slug, credential_id, status, last_error) on gk.connections to grantkeeper_scheduler;
      grant select (id, tenant_id, provider) on gk.credentials to grantkeeper_scheduler;
      create policy outbox on gk.credentials for select to grantkeeper_scheduler using (true);
      grant select (id, slug, disabled_at) on gk.tenants to grantkeeper_scheduler;
      create policy outbox on gk.tenants for select to grantkeeper_scheduler using (true)`);
    // Runs as whoever calls it: within the triggers below as the scheduler, elsewhere under the caller's own policies.
    await runner.query(`
      create function gk.enqueue_deliveries(p_tenant uuid, p_connection uuid, p_slug text, p_credential uuid, p_type text, p_at timestamptz, p_data jsonb)
       returns void language plpgsql set search_path = gk, pg_temp as $$
       declare v_now timestamptz; v_tenant text; v_payload jsonb;
       begin
         -- A tenant that is being deleted takes its webhooks with it.
         select slug into v_tenant from tenants where id = p_tenant;
         if not found then return; end if;
         v_now := gk.now();
         v_payload := jsonb_build_object(
           'type', p_type,
           'timestamp', to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'data', jsonb_strip_nulls(p_data || jsonb_build_object('tenant', v_tenant, 'connection', p_slug,
             'provider', (select provider from credentials where tenant_id = p_tenant and id = p_credential))));
         insert into deliveries (tenant_id, webhook_id, connection_id, connection, type, payload, next_attempt_at, give_up_at, created_at)
           select p_tenant, w.id, p_connection, p_slug, p_type, v_payload, v_now, p_at + interval '24 hours', v_now
           from (select id from webhooks
             where tenant_id = p_tenant and disabled_at is null and (events is null or p_type = any (events))
             order by id for key share skip locked) w;
       end $$`);
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'announce_event()',
      `gk.announce_event() returns trigger language plpgsql as $$
       declare v_slug text; v_credential uuid; v_status text; v_generation integer; v_error jsonb;
       begin
         select slug, credential_id, status, generation, last_error into v_slug, v_credential, v_status, v_generation, v_error
           from connections where id = new.connection_id and tenant_id = new.tenant_id;
         if not found then return null; end if;
         if v_error->>'code' is distinct from new.data->>'code' then v_error := null; end if;
         perform enqueue_deliveries(new.tenant_id, new.connection_id, v_slug, v_credential, new.type, new.created_at,
           jsonb_build_object('status', v_status, 'generation', v_generation, 'code', new.data->>'code',
             'remedy', coalesce(new.data->>'remedy', v_error->>'remedy'), 'expires_at', new.data->>'expires_at'));
         return null;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'announce_removal()',
      `gk.announce_removal() returns trigger language plpgsql as $$
       begin
         perform enqueue_deliveries(old.tenant_id, old.id, old.slug, old.credential_id, 'connection.revoked', gk.now(),
           jsonb_build_object('status', 'revoked', 'generation', old.generation));
         return null;
       end $$`,
    );
    await runner.query(`
      create trigger announce_event after insert on gk.connection_events for each row
        when (new.type in ('connection.active', 'connection.degraded', 'connection.reauthorization_required', 'connection.expiring', 'connection.revoked'))
        execute function gk.announce_event();
      -- What never had a grant, or has been reported as revoked before, is removed without a word.
      create trigger announce_removal after delete on gk.connections for each row
        when (old.generation > 0 and old.status <> 'revoked') execute function gk.announce_removal()`);
  }

  async down(): Promise<void> {
    throw new Error('Deliveries that are still to be made would be lost.');
  }
}
