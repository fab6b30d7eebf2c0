import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/** What the worker does every few minutes: says which grants are about to end, and removes what has had its time. */
export class Housekeeping1764000000013 implements MigrationInterface {
  name = 'Housekeeping1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table gk.connections add column expiry_notice_at timestamptz;
      create index connections_expiry_notice on gk.connections (expiry_notice_at) where expiry_notice_at is not null;
      comment on column gk.connections.expiry_notice_at is 'When that is said next: 14, 7 and 1 days ahead. Follows grant_ends_at by a trigger.';
      create index on gk.authorization_sessions (expires_at);
      create index on gk.connection_events (created_at);

      create function gk.next_expiry_notice(p_ends_at timestamptz, p_now timestamptz) returns timestamptz language sql stable as $$
        select min(p_ends_at - make_interval(hours => 24 * days)) from unnest(array[14, 7, 1]) days
        where p_ends_at - make_interval(hours => 24 * days) > p_now
      $$;
      -- Renewals may compute the same end a little differently each time: only another end is announced anew.
      create function gk.plan_expiry_notice() returns trigger language plpgsql as $$
      begin
        if tg_op = 'UPDATE' and abs(extract(epoch from new.grant_ends_at - old.grant_ends_at)) < 3600 then return new; end if;
        new.expiry_notice_at := gk.next_expiry_notice(new.grant_ends_at, gk.now());
        return new;
      end $$;
      create trigger plan_expiry_notice before insert or update of grant_ends_at on gk.connections
        for each row execute function gk.plan_expiry_notice();

      grant select (grant_ends_at, expiry_notice_at), update (expiry_notice_at) on gk.connections to grantkeeper_scheduler;
      grant insert on gk.connection_events to grantkeeper_scheduler;
      create policy notices on gk.connection_events for insert to grantkeeper_scheduler with check (true);
      grant select (id, created_at), delete on gk.connection_events to grantkeeper_scheduler;
      create policy clean_up_select on gk.connection_events for select to grantkeeper_scheduler using (true);
      create policy clean_up on gk.connection_events for delete to grantkeeper_scheduler using (true);
      grant select (id, ended_at), delete on gk.deliveries to grantkeeper_scheduler;
      create policy clean_up on gk.deliveries for delete to grantkeeper_scheduler using (status <> 'pending');
      grant select (id, expires_at), delete on gk.authorization_sessions to grantkeeper_scheduler;
      create policy clean_up_select on gk.authorization_sessions for select to grantkeeper_scheduler using (true);
      create policy clean_up on gk.authorization_sessions for delete to grantkeeper_scheduler using (true);
      grant select (id, created_at), delete on gk.idempotency_keys to grantkeeper_scheduler;
      create policy clean_up_select on gk.idempotency_keys for select to grantkeeper_scheduler using (true);
      create policy clean_up on gk.idempotency_keys for delete to grantkeeper_scheduler using (true)`);
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'note_expiring(integer)',
      `gk.note_expiring(p_limit integer) returns integer language plpgsql as $$
       declare v_now timestamptz := gk.now(); v_noted integer;
       begin
         with due as (
           select id from connections where expiry_notice_at <= v_now
           order by expiry_notice_at limit p_limit for update skip locked
         ), noted as (
           update connections c set expiry_notice_at = next_expiry_notice(c.grant_ends_at, v_now)
           from due where c.id = due.id
           returning c.tenant_id, c.id, c.status, c.grant_ends_at
         ), announced as (
           -- Of several that have been passed at once, the nearest counts.
           insert into connection_events (tenant_id, connection_id, type, data, created_at)
           select tenant_id, id, 'connection.expiring', jsonb_build_object(
               'expires_at', to_char(grant_ends_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'days', (select min(days) from unnest(array[14, 7, 1]) days
                  where grant_ends_at - make_interval(hours => 24 * days) <= v_now),
               'remedy', 'The grant cannot be extended. Authorise the connection again before it ends.'), v_now
           from noted where grant_ends_at > v_now and status in ('active', 'degraded')
         )
         select count(*) into v_noted from noted;
         return v_noted;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'clean_up(integer)',
      `gk.clean_up(p_limit integer) returns integer language plpgsql as $$
       declare v_now timestamptz := gk.now(); v_day timestamptz := v_now - interval '24 hours';
         v_gone integer; v_most integer := 0;
       begin
         delete from deliveries where id in (
           select id from deliveries where status = 'delivered' and ended_at < v_now - interval '7 days'
           order by ended_at limit p_limit for update skip locked);
         get diagnostics v_most = row_count;
         delete from deliveries where id in (
           select id from deliveries where status = 'dead' and ended_at < v_now - interval '30 days'
           order by ended_at limit p_limit for update skip locked);
         get diagnostics v_gone = row_count;
         v_most := greatest(v_most, v_gone);
         delete from authorization_sessions where id in (
           select id from authorization_sessions where expires_at < v_day limit p_limit);
         get diagnostics v_gone = row_count;
         v_most := greatest(v_most, v_gone);
         delete from idempotency_keys where id in (
           select id from idempotency_keys where created_at < v_day limit p_limit);
         get diagnostics v_gone = row_count;
         v_most := greatest(v_most, v_gone);
         -- A delivery has what it tells in itself, however long it waits.
         delete from connection_events where id in (
           select id from connection_events where created_at < v_now - interval '90 days' order by created_at limit p_limit);
         get diagnostics v_gone = row_count;
         return greatest(v_most, v_gone);
       end $$`,
    );
  }

  async down(): Promise<void> {
    throw new Error('These functions are replaced by later migrations, never dropped.');
  }
}
