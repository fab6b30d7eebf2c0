import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What surviving a crash takes: who must be asked before a one-time credential is spent again, which server the
 * journals were last compared with, and why renewals are held.
 */
export class RenewalProtocol1764000000007 implements MigrationInterface {
  name = 'RenewalProtocol1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table gk.tenants add column renewal_weight smallint not null default 1 check (renewal_weight between 1 and 100);

      alter table gk.credentials add column upstream text;
      update gk.credentials set upstream = provider;
      alter table gk.credentials alter column upstream set not null;
      comment on column gk.credentials.upstream is 'What fails together: a provider, or one region or host of it.';

      alter table gk.connections
        add column upstream text,
        add column one_time boolean not null default true,
        add column journal_wait_until timestamptz,
        add column renew_ahead_at timestamptz,
        add column last_read_at timestamptz,
        add column unfinished smallint not null default 0,
        add column grant_ends_at timestamptz;
      update gk.connections c set upstream = d.upstream from gk.credentials d where d.id = c.credential_id;
      alter table gk.connections alter column upstream set not null;
      create index connections_lanes on gk.connections (tenant_id, upstream, next_renewal_at) where next_renewal_at is not null;
      comment on column gk.connections.one_time is 'What the next exchange spends may die with its use: after a crash nobody spends it again before the journal of who did was read.';
      comment on column gk.connections.journal_wait_until is 'Until then that journal is waited for.';
      comment on column gk.connections.renew_ahead_at is 'When the access token falls due, for a connection that is renewed ahead only while somebody reads it.';
      comment on column gk.connections.unfinished is 'Claims in a row whose end was never written: after a few the row is left alone for longer.';

      comment on column gk.connections.grant_ends_at is 'When the grant dies for certain, because no renewal extends it; null where renewals do.';

      alter table gk.token_sets add column credential_hash bytea;
      update gk.token_sets set credential_hash = sha256(convert_to(sealed, 'UTF8'));
      alter table gk.token_sets alter column credential_hash set not null;
      alter table gk.pending_grants add column credential_hash bytea;
      update gk.pending_grants set credential_hash = sha256(convert_to(sealed, 'UTF8'));
      alter table gk.pending_grants alter column credential_hash set not null;
      comment on column gk.token_sets.credential_hash is 'SHA-256 of the ciphertext: names what an exchange spends, and tells nothing of it.';

      create index on gk.intents (journal_owner);

      alter table gk.deployment add column server text, add column server_since timestamptz;
      comment on column gk.deployment.server is 'System identifier and timeline that renewals last ran on; another one is a promoted standby or a restored backup.';

      create table gk.journals (
        id uuid primary key,
        server text not null,
        seen_at timestamptz not null
      );
      comment on table gk.journals is 'The journals of the replicas, and the server each was last compared with.';

      create table gk.holds (
        id bigint generated always as identity primary key,
        reason text not null,
        details jsonb not null,
        held_at timestamptz not null,
        released_at timestamptz,
        released_by text
      );
      create unique index holds_active on gk.holds ((true)) where released_at is null;
      comment on table gk.holds is 'Renewals stand still while a row is unreleased.'`);
    await runner.query(`
      create function gk.take_upstream() returns trigger language plpgsql set search_path = gk, pg_temp as $$
      begin
        if tg_table_name = 'connections' then
          new.upstream := coalesce(
            (select upstream from credentials where tenant_id = new.tenant_id and id = new.credential_id), '');
          return new;
        end if;
        update connections set upstream = new.upstream where tenant_id = new.tenant_id and credential_id = new.id;
        return null;
      end $$;
      create trigger take_upstream before insert on gk.connections for each row execute function gk.take_upstream();
      create trigger take_upstream after update of upstream on gk.credentials
        for each row when (new.upstream <> old.upstream) execute function gk.take_upstream();

      create function gk.hash_credential() returns trigger language plpgsql as $$
      begin
        new.credential_hash := sha256(convert_to(new.sealed, 'UTF8'));
        return new;
      end $$;
      create trigger hash_credential before insert or update of sealed on gk.token_sets
        for each row execute function gk.hash_credential();
      create trigger hash_credential before insert or update of sealed on gk.pending_grants
        for each row execute function gk.hash_credential()`);
    for (const table of ['journals', 'holds']) {
      await runner.query(`
        alter table gk.${table} enable row level security;
        alter table gk.${table} force row level security;
        create policy scheduler on gk.${table} to grantkeeper_scheduler using (true) with check (true)`);
    }
    await runner.query(`
      grant select, insert, update, delete on gk.journals to grantkeeper_scheduler;
      grant select, insert, update on gk.holds to grantkeeper_scheduler;
      grant select (id, renewal_weight) on gk.tenants to grantkeeper_scheduler;
      create policy scheduler on gk.tenants for select to grantkeeper_scheduler using (true);
      grant select (singleton, server, server_since), update (server, server_since) on gk.deployment to grantkeeper_scheduler;
      grant select (tenant_id, connection_id, credential_hash) on gk.token_sets, gk.pending_grants to grantkeeper_scheduler;
      grant select (interval_seconds) on gk.pending_grants to grantkeeper_scheduler;
      create policy scheduler on gk.token_sets for select to grantkeeper_scheduler using (true);
      create policy scheduler on gk.pending_grants for select to grantkeeper_scheduler using (true);
      grant select (upstream, one_time, journal_wait_until, lease_owner, unfinished, renewal, status, renew_ahead_at, last_read_at, access_token_issued_at),
        update (next_renewal_at, journal_wait_until, unfinished, last_read_at) on gk.connections to grantkeeper_scheduler;
      grant select (id, tenant_id, connection_id, owner, journal_owner, created_at), delete on gk.intents to grantkeeper_scheduler;
      create policy scheduler_select on gk.intents for select to grantkeeper_scheduler using (true);
      create policy scheduler_delete on gk.intents for delete to grantkeeper_scheduler using (true)`);
  }

  async down(): Promise<void> {
    throw new Error('Renewals rely on these columns.');
  }
}
