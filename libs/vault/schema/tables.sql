-- Every table that holds a tenant's data carries `tenant_id`, first in each of its keys.

create table gk.deployment (
  singleton boolean primary key default true check (singleton),
  id text not null,
  server text,
  server_since timestamptz,
  created_at timestamptz not null default gk.now()
);
comment on column gk.deployment.server is 'System identifier and timeline that renewals last ran on; another one is a promoted standby or a restored backup.';
insert into gk.deployment (id) values (gen_random_uuid()::text);

create table gk.tenants (
  id uuid primary key,
  slug text not null unique,
  name text not null,
  disabled_at timestamptz,
  renewal_weight smallint not null default 1 check (renewal_weight between 1 and 100),
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
  upstream text not null,
  settings jsonb not null,
  created_at timestamptz not null default gk.now(),
  updated_at timestamptz not null default gk.now(),
  unique (tenant_id, slug),
  unique (tenant_id, id)
);
comment on column gk.credentials.upstream is 'What fails together: a provider, or one region or host of it.';

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
  upstream text not null,
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
  grant_ends_at timestamptz,
  expiry_notice_at timestamptz,
  next_renewal_at timestamptz,
  renew_ahead_at timestamptz,
  last_read_at timestamptz,
  last_renewed_at timestamptz,
  last_error jsonb,
  failed_attempts integer not null default 0,
  retry_not_before timestamptz,
  last_rejection_at timestamptz,
  single_use boolean not null default false,
  rotating boolean not null default true,
  exclusive_key bytea,
  lease_owner uuid,
  lease_expires_at timestamptz,
  journal_wait_until timestamptz,
  unfinished smallint not null default 0,
  created_at timestamptz not null default gk.now(),
  updated_at timestamptz not null default gk.now(),
  unique (tenant_id, slug),
  unique (tenant_id, id),
  foreign key (tenant_id, credential_id) references gk.credentials (tenant_id, id)
) with (fillfactor = 80);
create index connections_due on gk.connections (next_renewal_at) where next_renewal_at is not null;
create index on gk.connections (tenant_id, credential_id);
create index connections_partitions on gk.connections (tenant_id, upstream, next_renewal_at) where next_renewal_at is not null;
create index connections_expiry_notice on gk.connections (expiry_notice_at) where expiry_notice_at is not null;
create unique index connections_exclusive on gk.connections (tenant_id, exclusive_key);
comment on column gk.connections.rotating is 'The next request may end what it sends: after a crash nobody sends it again before the journal of the process that did was read.';
comment on column gk.connections.journal_wait_until is 'Until then that journal is waited for.';
comment on column gk.connections.renew_ahead_at is 'When the access token falls due, for a connection that is renewed ahead only while somebody reads it.';
comment on column gk.connections.unfinished is 'Claims in a row whose end was never written: after a few the row is left alone for longer.';
comment on column gk.connections.grant_ends_at is 'When the grant dies for certain, because no renewal extends it; null where renewals do.';
comment on column gk.connections.expiry_notice_at is 'When that is said next: 14, 7 and 1 days ahead. Follows grant_ends_at by a trigger.';
comment on column gk.connections.exclusive_key is 'Where a provider keeps one live token per client, user and scope: a hash of the three. Leasing the one connection that has it leases the key.';

create table gk.pending_grants (
  id uuid primary key,
  tenant_id uuid not null,
  connection_id uuid not null,
  type text not null,
  sealed text not null,
  spent_hash bytea not null,
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
create index on gk.authorization_sessions (expires_at);
comment on table gk.authorization_sessions is 'One trip of one browser to a provider and back.';

create table gk.token_sets (
  connection_id uuid primary key,
  tenant_id uuid not null,
  generation integer not null,
  data_key_id uuid not null,
  sealed text not null,
  spent_hash bytea not null,
  created_at timestamptz not null default gk.now(),
  unique (tenant_id, connection_id),
  foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
) with (fillfactor = 80);
comment on column gk.token_sets.spent_hash is 'SHA-256 of the ciphertext: names what a request sends, and tells nothing of it.';

create table gk.intents (
  id uuid primary key,
  tenant_id uuid not null,
  connection_id uuid not null,
  generation integer not null,
  owner uuid not null,
  journal_id uuid,
  spent_hash bytea,
  created_at timestamptz not null,
  deadline_at timestamptz not null,
  foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
);
create index on gk.intents (tenant_id, connection_id);
create index on gk.intents (journal_id);
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
create index on gk.connection_events (created_at);

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
create index on gk.idempotency_keys (created_at);

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
comment on table gk.holds is 'Renewals stand still while a row is unreleased.';

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
create index on gk.deliveries (tenant_id, webhook_id, id);
