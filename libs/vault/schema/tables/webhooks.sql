create table gk.webhooks (
  id uuid primary key,
  tenant_id uuid not null references gk.tenants on delete cascade,
  url text not null,
  description text,
  events text[] check (cardinality(events) > 0),
  sealed text not null,
  data_key_id uuid not null,
  disabled_at timestamptz,
  failing_since timestamptz,
  created_at timestamptz not null default gk.now(),
  unique (tenant_id, id),
  foreign key (tenant_id, data_key_id) references gk.tenant_keys (tenant_id, id) deferrable initially deferred
);
create index on gk.webhooks (data_key_id, id);
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

-- Deliveries that may be due, by webhook: one that waits behind another is not in the index.
create index deliveries_due on gk.deliveries (webhook_id, next_attempt_at, id) where next_attempt_at is not null;
create index deliveries_under_way on gk.deliveries (webhook_id, next_attempt_at) where lease_owner is not null;
create index deliveries_in_order on gk.deliveries (webhook_id, connection_id, id) where status = 'pending';
create index deliveries_ended on gk.deliveries (status, ended_at) where ended_at is not null;
create index on gk.deliveries (tenant_id, webhook_id, id);
