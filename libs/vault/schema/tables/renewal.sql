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
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index on gk.intents (tenant_id, connection_id);
create index on gk.intents (journal_id);
comment on table gk.intents is 'One row per provider call that may be under way; gone once its end is written.';

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
