import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/** How journals and the database are kept in step, and how renewals are held while they are not. */
export class JournalFunctions1764000000008 implements MigrationInterface {
  name = 'JournalFunctions1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'server_line()',
      `gk.server_line() returns text language sql volatile as $$
         select (select system_identifier from pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
       $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'awaiting_journals(double precision)',
      `gk.awaiting_journals(p_grace_seconds double precision) returns boolean language plpgsql as $$
       declare v_now timestamptz := gk.now(); v_line text := gk.server_line(); v_known deployment.server%type; v_since timestamptz;
       begin
         select server, server_since into v_known, v_since from deployment;
         if v_known is distinct from v_line then
           -- Whoever was there in the last day that this database remembers, however long ago that was.
           delete from journals where server <> v_line
             and seen_at < (select max(seen_at) from journals where server <> v_line) - interval '24 hours';
           update deployment set server = v_line, server_since = case when server is not null then v_now end
             where server is distinct from v_line;
           select server_since into v_since from deployment;
         end if;
         return v_since is not null and v_since + make_interval(secs => p_grace_seconds) > v_now
           -- It may not know of all: every replica looks at its journal within a few seconds, and has to before anybody goes on.
           and (v_since + interval '5 seconds' > v_now or exists (select from journals where server <> v_line));
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'journals_compared(uuid[], text)',
      `gk.journals_compared(p_journals uuid[], p_server text) returns void language plpgsql as $$
       declare v_now timestamptz := gk.now();
       begin
         insert into journals (id, server, seen_at) select id, p_server, v_now from unnest(p_journals) id
           on conflict (id) do update set server = excluded.server, seen_at = excluded.seen_at;
         delete from journals where server = p_server and seen_at < v_now - interval '7 days';
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'forget_journals(uuid[])',
      `gk.forget_journals(p_journals uuid[]) returns void language sql as $$
         delete from journals where id = any (p_journals)
       $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'compare_journal(jsonb)',
      `gk.compare_journal(p_heads jsonb) returns table (id uuid, generation integer, matches boolean) language sql volatile as $$
         select h.id, c.generation,
           coalesce(h.hash = (select encode(t.credential_hash, 'hex') from token_sets t where t.tenant_id = c.tenant_id and t.connection_id = c.id), false)
             or coalesce(h.hash = (select encode(g.credential_hash, 'hex') from pending_grants g where g.tenant_id = c.tenant_id and g.connection_id = c.id), false)
         from jsonb_to_recordset(p_heads) as h (id uuid, connection uuid, hash text) join connections c on c.id = h.connection
       $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'close_intents(uuid[], uuid, uuid[], double precision)',
      `gk.close_intents(p_journals uuid[], p_owner uuid, p_under_way uuid[], p_lease_seconds double precision) returns integer
       language plpgsql as $$
       declare v_now timestamptz := gk.now(); v_closed integer;
       begin
         with closed as (
           delete from intents where journal_owner = any (p_journals) and not id = any (p_under_way)
             -- A claim of our own whose answer is still on its way is not known to us yet.
             and (owner <> p_owner or created_at < v_now - make_interval(secs => p_lease_seconds))
           returning tenant_id, connection_id, owner, created_at
         ), released as (
           update connections c set lease_owner = null, lease_expires_at = null, journal_wait_until = null,
             -- One that was put off because its claims never end (see claim_due) stays put off.
             next_renewal_at = case when c.unfinished > 3 then coalesce(c.next_renewal_at, v_now) else
               -- A device is asked no sooner than its provider allows, whoever asked last.
               greatest(least(c.next_renewal_at, v_now), closed.created_at + make_interval(secs => (
                 select g.interval_seconds from pending_grants g where g.tenant_id = closed.tenant_id and g.connection_id = closed.connection_id))) end
           from closed where c.id = closed.connection_id and c.lease_owner = closed.owner
           returning c.id
         ) select count(*) into v_closed from released;
         return v_closed;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'held()',
      'gk.held() returns boolean language sql stable as $$ select exists (select from holds where released_at is null) $$',
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'hold(text, jsonb)',
      `gk.hold(p_reason text, p_details jsonb) returns boolean language plpgsql as $$
       begin
         insert into holds (reason, details, held_at) values (p_reason, p_details, gk.now()) on conflict do nothing;
         return found;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'release_hold(text)',
      `gk.release_hold(p_by text) returns boolean language plpgsql as $$
       begin
         update holds set released_at = gk.now(), released_by = p_by where released_at is null;
         return found;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'last_hold()',
      `gk.last_hold() returns table (reason text, details jsonb, held_at timestamptz, released_at timestamptz, released_by text)
       language sql stable as $$
         select reason, details, held_at, released_at, released_by from holds order by id desc limit 1
       $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_scheduler',
      'note_reads(uuid[])',
      `gk.note_reads(p_connections uuid[]) returns integer language plpgsql as $$
       declare v_now timestamptz := gk.now(); v_noted integer;
       begin
         update connections set last_read_at = v_now, next_renewal_at = least(next_renewal_at, renew_ahead_at)
           where id = any (p_connections) and renewal = 'auto' and status = 'active' and renew_ahead_at is not null
             and (last_read_at is null or last_read_at < access_token_issued_at);
         get diagnostics v_noted = row_count;
         return v_noted;
       end $$`,
    );
  }

  async down(): Promise<void> {
    throw new Error('These functions are replaced by later migrations, never dropped.');
  }
}
