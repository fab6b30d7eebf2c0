create table gk.connections (
  id uuid primary key,
  tenant_id uuid not null references gk.tenants on delete cascade,
  slug text collate "C" not null,
  credential_id uuid not null,
  upstream text not null,
  provider text not null,
  "grant" text not null,
  subject text,
  requested_scope text,
  scope text,
  labels jsonb not null default '{}',
  fields jsonb not null default '{}',
  account jsonb,
  account_id text generated always as (account->>'id') stored,
  account_email text generated always as (lower(account->>'email')) stored,
  renewal text not null,
  paused boolean not null default false,
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
  unread_by text,
  refused_since timestamptz,
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
create index connections_due on gk.connections (next_renewal_at) where next_renewal_at is not null and not paused;
create index on gk.connections (tenant_id, credential_id, id);
create index connections_not_active on gk.connections (tenant_id, status, id) where status <> 'active';
create index connections_subject on gk.connections (tenant_id, subject, id) where subject is not null;
create index connections_account_id on gk.connections (tenant_id, account_id, id) where account_id is not null;
create index connections_account_email on gk.connections (tenant_id, account_email, id) where account_email is not null;
create index connections_token_ends on gk.connections (tenant_id, access_token_expires_at);
create index connections_partitions on gk.connections (tenant_id, upstream, next_renewal_at) where next_renewal_at is not null and not paused;
create index connections_expiry_notice on gk.connections (expiry_notice_at) where expiry_notice_at is not null;
create index connections_grant_ends on gk.connections (grant_ends_at) where grant_ends_at is not null;
create index connections_tenant_grant_ends on gk.connections (tenant_id, grant_ends_at) where grant_ends_at is not null;
create index connections_unread on gk.connections (unread_by) where unread_by is not null;
create unique index connections_exclusive on gk.connections (tenant_id, exclusive_key) where exclusive_key is not null;
comment on column gk.connections.provider is 'That of its client credentials, which never changes.';
comment on column gk.connections.fields is 'What callers of the token need besides, by name; no secret.';
comment on column gk.connections.slug is 'In the order of its bytes: lists find those that begin with something by the unique index.';
comment on column gk.connections.account is 'Who has consented; null where the provider has not said.';
comment on column gk.connections.account_id is 'For lists: under row-level security PostgreSQL follows no index of an expression on account.';
comment on column gk.connections.rotating is 'The next request may end what it sends: after a crash nobody sends it again before the journal of the process that did was read.';
comment on column gk.connections.journal_wait_until is 'Until then that journal is waited for.';
comment on column gk.connections.refused_since is 'Since when every renewal was refused in words that say nothing of the grant; null once one was answered otherwise.';
comment on column gk.connections.paused is 'Neither renewed nor read until it is lifted. Its due time stays, and counts again then.';
comment on column gk.connections.unread_by is 'The release that could not read the newest answer of the provider, which is sealed with the tokens or the pending grant.';
comment on column gk.connections.renew_ahead_at is 'When the access token falls due, for a connection that is renewed ahead only while somebody reads it.';
comment on column gk.connections.unfinished is 'Claims in a row whose end was never written: after a few the row is left alone for longer.';
comment on column gk.connections.grant_ends_at is 'When the grant dies for certain, because no renewal extends it; null where renewals do.';
comment on column gk.connections.expiry_notice_at is 'When that is said next: 14, 7 and 1 days ahead. Follows grant_ends_at by a trigger.';
comment on column gk.connections.exclusive_key is 'Where a provider keeps one live token per client, user and scope: a hash of the three. Leasing the one connection that has it leases the key.';

create table gk.token_sets (
  connection_id uuid primary key,
  tenant_id uuid not null,
  generation integer not null,
  data_key_id uuid not null,
  sealed text not null,
  spent_hash bytea not null,
  created_at timestamptz not null default gk.now(),
  unique (tenant_id, connection_id),
  foreign key (tenant_id, data_key_id) references gk.tenant_keys (tenant_id, id) deferrable initially deferred,
  foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
) with (fillfactor = 80);
create index on gk.token_sets (data_key_id, connection_id);
comment on column gk.token_sets.spent_hash is 'SHA-256 of the ciphertext: names what a request sends, and tells nothing of it.';

create table gk.connection_counts (
  id bigint generated always as identity primary key,
  provider text not null,
  status text not null,
  change bigint not null
);
comment on table gk.connection_counts is 'How many connections each provider has in each status: the sum of the changes, which the clean-up adds up. Nobody waits for a row of it.';

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
create index on gk.connection_events (tenant_id, created_at) include (type);

create table gk.connection_labels (
  tenant_id uuid not null,
  connection_id uuid not null,
  label text not null,
  primary key (tenant_id, label, connection_id),
  foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
);
create index on gk.connection_labels (tenant_id, connection_id);
comment on table gk.connection_labels is 'The labels of each connection as key:value, for lists: under row-level security PostgreSQL follows no index for @>, and a renewal writes none here.';
