-- Every table that holds a tenant's data carries `tenant_id`, first in each of its keys.

create table gk.deployment (
  singleton boolean primary key default true check (singleton),
  id text not null,
  server text,
  server_since timestamptz,
  first_key_at timestamptz,
  created_at timestamptz not null default gk.now()
);
comment on column gk.deployment.server is 'System identifier and timeline that renewals last ran on; another one is a promoted standby or a restored backup.';
comment on column gk.deployment.first_key_at is 'Since then the bootstrap key is ignored, whatever becomes of the keys.';
insert into gk.deployment (id) values (gen_random_uuid()::text);

create table gk.mac_keys (
  kid text primary key,
  wrapped text not null,
  created_at timestamptz not null default gk.now()
);
comment on table gk.mac_keys is 'Of each key-encryption key that a key service keeps: what the keys of HMACs are derived from, wrapped by it.';

create table gk.tenants (
  id uuid primary key,
  slug text not null unique,
  name text not null,
  disabled_at timestamptz,
  removed_at timestamptz,
  renewal_weight smallint not null default 1 check (renewal_weight between 1 and 100),
  audit_reads text not null default 'batched' check (audit_reads in ('batched', 'strict')),
  rate_limit_per_second integer check (rate_limit_per_second between 1 and 1000000),
  key_rate_limit_per_second integer check (key_rate_limit_per_second between 1 and 1000000),
  branding jsonb,
  created_at timestamptz not null default gk.now(),
  updated_at timestamptz not null default gk.now()
);
comment on column gk.tenants.branding is 'The look of pages for users: name, logo as a data URI, colour. Up to 44 KB, so lists leave it out.';

create index tenants_removed on gk.tenants (removed_at) where removed_at is not null;
comment on column gk.tenants.removed_at is 'Since then it is being removed: disabled, without data keys, found by nobody. Its name is free once its rows are gone.';

create table gk.tenant_keys (
  id uuid primary key,
  tenant_id uuid not null references gk.tenants on delete cascade,
  version integer not null,
  wrapped text not null,
  kek_id text not null,
  seals bigint not null default 0,
  unused_since timestamptz,
  created_at timestamptz not null default gk.now(),
  unique (tenant_id, version),
  unique (tenant_id, id)
);
create index on gk.tenant_keys (kek_id);
comment on column gk.tenant_keys.kek_id is 'The key-encryption key that wraps it, as in the header of the wrapped key.';
comment on column gk.tenant_keys.seals is 'At least as many ciphertexts were sealed with it: each replica takes a block of them ahead.';
comment on column gk.tenant_keys.unused_since is 'Since when nothing is sealed with it, for one that is no longer the newest; it is deleted a while later.';

-- Each table with a sealed column has data_key_id, the key of its ciphertext: a key that one of them names cannot be deleted, and nothing
-- is written under one that is gone. Checked at the end of a transaction, for the deletion of a tenant takes both.

create table gk.api_keys (
  id uuid primary key,
  tenant_id uuid references gk.tenants on delete cascade,
  name text not null,
  role text not null,
  connections text[],
  hash bytea not null unique,
  expires_at timestamptz,
  mac_kid text not null,
  mac bytea not null,
  created_at timestamptz not null default gk.now()
);
create index on gk.api_keys (tenant_id, created_at, id);
comment on column gk.api_keys.mac is 'HMAC over the row under a key derived from the key-encryption key mac_kid: without it the row opens nothing.';

create table gk.workload_identities (
  id uuid primary key,
  tenant_id uuid not null references gk.tenants on delete cascade,
  slug text not null,
  issuer text not null,
  audience text,
  match jsonb not null,
  role text not null,
  connections text[],
  mac_kid text not null,
  mac bytea not null,
  created_at timestamptz not null default gk.now(),
  unique (tenant_id, slug)
);
comment on column gk.workload_identities.audience is 'Null: the one that GRANTKEEPER_JWT_ISSUERS lists with the issuer.';

create table gk.console_sessions (
  id uuid primary key,
  tenant_id uuid references gk.tenants on delete cascade,
  api_key_id uuid,
  identity_id uuid,
  hash bytea not null unique,
  created_at timestamptz not null default gk.now(),
  last_used_at timestamptz not null default gk.now(),
  expires_at timestamptz not null,
  check (api_key_id is not null or (identity_id is null) = (tenant_id is null)),
  check (api_key_id is null or identity_id is null)
);
create index on gk.workload_identities (issuer, audience);
create index on gk.console_sessions (tenant_id);
create index on gk.console_sessions (expires_at);
comment on table gk.console_sessions is 'Browsers that are signed in to the console. A session is good while its API key or workload identity is, which it names without a foreign key: a key of the platform has no tenant. A platform administrator by single sign-on has neither.';
