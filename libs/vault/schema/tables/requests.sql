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
