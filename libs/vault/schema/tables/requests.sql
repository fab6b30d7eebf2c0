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

-- Written by gk.append_audit_events only. A chain is a tenant's, or without a tenant the platform's.
create table gk.audit_events (
  tenant_id uuid,
  sequence bigint not null check (sequence > 0),
  actor text not null,
  action text not null,
  target text,
  outcome text not null,
  data jsonb not null,
  created_at timestamptz(3) not null,
  previous_hash bytea not null,
  hash bytea not null,
  kid text not null,
  mac bytea not null,
  unique nulls not distinct (tenant_id, sequence)
);
comment on table gk.audit_events is 'Append-only. Each row of a chain hashes the one before it; the application signs the hash with a key the database does not have.';

create index on gk.audit_events (kid);

create table gk.audit_chains (
  tenant_id uuid,
  sequence bigint not null default 0,
  hash bytea not null default decode(repeat('00', 32), 'hex'),
  cut jsonb,
  unique nulls not distinct (tenant_id)
);
comment on table gk.audit_chains is 'The last event of each chain. It outlives its tenant.';
comment on column gk.audit_chains.cut is 'Up to which event the chain was pruned, signed; null: nothing was.';
