import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every table that holds a tenant's data carries `tenant_id`, first in each of its keys. */
export class Tables1764000000002 implements MigrationInterface {
  name = 'Tables1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function gk.now() returns timestamptz language sql volatile as 'select clock_timestamp()';
      comment on function gk.now() is 'The only clock SQL reads. Take it once into a variable: volatile, it defeats an index in a WHERE clause.';

      create table gk.deployment (
        singleton boolean primary key default true check (singleton),
        id text not null,
        created_at timestamptz not null default gk.now()
      );
      insert into gk.deployment (id) values (gen_random_uuid()::text);

      create table gk.tenants (
        id uuid primary key,
        slug text not null unique,
        name text not null,
        disabled_at timestamptz,
        created_at timestamptz not null default gk.now(),
        updated_at timestamptz not null default gk.now()
      );

      create table gk.tenant_keys (
        id uuid primary key,
        tenant_id uuid not null references gk.tenants on delete cascade,
        version integer not null,
        wrapped text not null,
        created_at timestamptz not null default gk.now(),
        unique (tenant_id, version)
      );

      create table gk.api_keys (
        id uuid primary key,
        tenant_id uuid references gk.tenants on delete cascade,
        name text not null,
        role text not null,
        connections text[],
        hash bytea not null unique,
        expires_at timestamptz,
        created_at timestamptz not null default gk.now()
      );
      create index on gk.api_keys (tenant_id, created_at, id);

      create table gk.credentials (
        id uuid primary key,
        tenant_id uuid not null references gk.tenants on delete cascade,
        slug text not null,
        provider text not null,
        client_id text not null,
        settings jsonb not null,
        created_at timestamptz not null default gk.now(),
        updated_at timestamptz not null default gk.now(),
        unique (tenant_id, slug),
        unique (tenant_id, id)
      );

      create table gk.credential_secrets (
        id uuid primary key,
        tenant_id uuid not null,
        credential_id uuid not null,
        version integer not null,
        kind text not null,
        sealed text not null,
        proved_at timestamptz,
        created_at timestamptz not null default gk.now(),
        unique (tenant_id, credential_id, version),
        foreign key (tenant_id, credential_id) references gk.credentials (tenant_id, id) on delete cascade
      );

      create table gk.connections (
        id uuid primary key,
        tenant_id uuid not null references gk.tenants on delete cascade,
        slug text not null,
        credential_id uuid not null,
        "grant" text not null,
        subject text,
        requested_scope text,
        scope text,
        renewal text not null,
        status text not null,
        generation integer not null default 0,
        access_token_issued_at timestamptz,
        access_token_expires_at timestamptz,
        refresh_token_expires_at timestamptz,
        next_renewal_at timestamptz,
        last_renewed_at timestamptz,
        last_error jsonb,
        failed_attempts integer not null default 0,
        retry_not_before timestamptz,
        last_rejection_at timestamptz,
        single_use boolean not null default false,
        exclusive_key bytea,
        lease_owner uuid,
        lease_expires_at timestamptz,
        created_at timestamptz not null default gk.now(),
        updated_at timestamptz not null default gk.now(),
        unique (tenant_id, slug),
        unique (tenant_id, id),
        foreign key (tenant_id, credential_id) references gk.credentials (tenant_id, id)
      ) with (fillfactor = 80);
      create index connections_due on gk.connections (next_renewal_at) where next_renewal_at is not null;
      create index on gk.connections (tenant_id, credential_id);
      create unique index connections_exclusive on gk.connections (tenant_id, exclusive_key);
      comment on column gk.connections.exclusive_key is 'Where a provider keeps one live token per client, user and scope: a hash of the three. Leasing the one connection that has it leases the key.';

      create table gk.pending_grants (
        id uuid primary key,
        tenant_id uuid not null,
        connection_id uuid not null,
        type text not null,
        sealed text not null,
        interval_seconds double precision,
        expires_at timestamptz,
        created_at timestamptz not null default gk.now(),
        unique (tenant_id, connection_id),
        foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
      );
      comment on table gk.pending_grants is 'A one-time credential that is still to be exchanged: a code, an auth_req_id, a password, an imported refresh token.';

      create table gk.authorization_sessions (
        id uuid primary key,
        tenant_id uuid not null,
        connection_id uuid not null,
        link_hash bytea not null unique,
        state_hash bytea not null unique,
        alternate_state_hash bytea unique,
        cookie_hash bytea,
        confirmation_hash bytea,
        return_url text,
        sealed text not null,
        created_at timestamptz not null default gk.now(),
        expires_at timestamptz not null,
        opened_at timestamptz,
        returned_at timestamptz,
        confirm_until timestamptz,
        confirmed_at timestamptz,
        foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
      );
      create index on gk.authorization_sessions (tenant_id, connection_id);
      comment on table gk.authorization_sessions is 'One trip of one browser to a provider and back.';

      create table gk.token_sets (
        connection_id uuid primary key,
        tenant_id uuid not null,
        generation integer not null,
        data_key_id uuid not null,
        sealed text not null,
        created_at timestamptz not null default gk.now(),
        unique (tenant_id, connection_id),
        foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
      ) with (fillfactor = 80);

      create table gk.intents (
        id uuid primary key,
        tenant_id uuid not null,
        connection_id uuid not null,
        generation integer not null,
        owner uuid not null,
        journal_owner uuid,
        credential_hash bytea,
        created_at timestamptz not null,
        deadline_at timestamptz not null,
        foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
      );
      create index on gk.intents (tenant_id, connection_id);
      comment on table gk.intents is 'One row per provider call that may be under way; gone once its end is written.';

      create table gk.connection_events (
        id bigint generated always as identity primary key,
        tenant_id uuid not null,
        connection_id uuid not null,
        type text not null,
        data jsonb not null,
        created_at timestamptz not null,
        foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
      );
      create index on gk.connection_events (tenant_id, connection_id, id);

      create table gk.audit_events (
        id bigint generated always as identity primary key,
        tenant_id uuid,
        actor text not null,
        action text not null,
        target text,
        outcome text not null,
        data jsonb not null,
        created_at timestamptz not null,
        previous_hash bytea,
        hash bytea not null
      );
      create index on gk.audit_events (tenant_id, id);
      comment on table gk.audit_events is 'Append-only. Each row of a chain (a tenant''s, or the platform''s) hashes the one before it.';

      create table gk.idempotency_keys (
        id uuid primary key,
        tenant_id uuid references gk.tenants on delete cascade,
        caller text not null,
        route text not null,
        key text not null,
        request_hash bytea not null,
        status integer,
        body jsonb,
        created_at timestamptz not null default gk.now(),
        unique (caller, route, key)
      );
      create index on gk.idempotency_keys (created_at)`);
  }

  async down(): Promise<void> {
    throw new Error('The first schema has nothing to go back to; drop the schema gk instead.');
  }
}
