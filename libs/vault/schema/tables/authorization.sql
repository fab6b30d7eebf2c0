create table gk.pending_grants (
  id uuid primary key,
  tenant_id uuid not null,
  connection_id uuid not null,
  type text not null,
  polled boolean not null,
  sealed text not null,
  data_key_id uuid not null,
  spent_hash bytea not null,
  interval_seconds double precision,
  expires_at timestamptz,
  replaced_due_at timestamptz,
  created_at timestamptz not null default gk.now(),
  unique (tenant_id, connection_id),
  foreign key (tenant_id, data_key_id) references gk.tenant_keys (tenant_id, id) deferrable initially deferred,
  foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
);
comment on table gk.pending_grants is 'A one-time credential that is still to be exchanged: a code, an auth_req_id, a password, an imported refresh token.';

create index on gk.pending_grants (data_key_id, id);

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
  data_key_id uuid not null,
  created_at timestamptz not null default gk.now(),
  expires_at timestamptz not null,
  opened_at timestamptz,
  returned_at timestamptz,
  confirm_until timestamptz,
  confirmed_at timestamptz,
  foreign key (tenant_id, data_key_id) references gk.tenant_keys (tenant_id, id) deferrable initially deferred,
  foreign key (tenant_id, connection_id) references gk.connections (tenant_id, id) on delete cascade
);
create index on gk.authorization_sessions (tenant_id, connection_id);
create index on gk.authorization_sessions (expires_at);
create index on gk.authorization_sessions (data_key_id, id);
comment on column gk.pending_grants.replaced_due_at is 'When the grant of before was due, in the place of which this one is sent: it is due then again, should this one be turned away.';

comment on table gk.authorization_sessions is 'One trip of one browser to a provider and back.';
