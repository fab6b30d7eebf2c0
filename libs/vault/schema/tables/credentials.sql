create table gk.credentials (
  id uuid primary key,
  tenant_id uuid not null references gk.tenants on delete cascade,
  slug text not null,
  provider text not null,
  client_id text not null,
  upstream text not null,
  settings jsonb not null,
  seal text not null,
  data_key_id uuid not null,
  created_at timestamptz not null default gk.now(),
  updated_at timestamptz not null default gk.now(),
  unique (tenant_id, slug),
  foreign key (tenant_id, data_key_id) references gk.tenant_keys (tenant_id, id) deferrable initially deferred,
  unique (tenant_id, id)
);
create index on gk.credentials (data_key_id, id);
comment on column gk.credentials.seal is 'A digest of provider, client id and settings, sealed: secrets are sent nowhere while it does not fit.';
comment on column gk.credentials.upstream is 'What fails together: a provider, or one region or host of it.';

create table gk.credential_secrets (
  id uuid primary key,
  tenant_id uuid not null,
  credential_id uuid not null,
  version integer not null,
  kind text not null,
  sealed text not null,
  data_key_id uuid not null,
  proved_at timestamptz,
  created_at timestamptz not null default gk.now(),
  unique (tenant_id, credential_id, version),
  foreign key (tenant_id, data_key_id) references gk.tenant_keys (tenant_id, id) deferrable initially deferred,
  foreign key (tenant_id, credential_id) references gk.credentials (tenant_id, id) on delete cascade
);
create index on gk.credential_secrets (data_key_id, id);
