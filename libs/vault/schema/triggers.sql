-- The channel `gk_changes` tells every replica which row it must forget.
create trigger notify_change after delete or update on gk.api_keys
  for each row execute function gk.notify_change('api_key');
create trigger notify_new after insert on gk.api_keys
  for each row execute function gk.notify_change('new_api_key');
create trigger notify_change after insert or delete or update on gk.workload_identities
  for each row execute function gk.notify_tenant_change('workload_identities');
create trigger notify_removal after delete on gk.tenants
  for each row execute function gk.notify_change('tenant');
create trigger notify_change after update of disabled_at, slug, audit_reads, rate_limit_per_second, key_rate_limit_per_second on gk.tenants
  for each row execute function gk.notify_change('tenant');
create trigger notify_removals after delete on gk.connections
  referencing old table as gone for each statement execute function gk.notify_removals();
create trigger notify_change after update of status on gk.connections
  for each row when (new.status <> old.status and (new.status = 'reauthorization_required' or old.status in ('pending', 'reauthorization_required')))
  execute function gk.notify_change('connection');
create trigger notify_pause after update of paused on gk.connections
  for each row when (new.paused <> old.paused) execute function gk.notify_change('connection');

create trigger take_upstream before insert on gk.connections for each row execute function gk.take_upstream();
create trigger take_upstream after update of upstream on gk.credentials
  for each row when (new.upstream <> old.upstream) execute function gk.take_upstream();

create trigger list_labels after insert on gk.connections for each row
  when (new.labels <> '{}') execute function gk.list_labels();
create trigger list_new_labels after update of labels on gk.connections for each row
  when (new.labels <> old.labels) execute function gk.list_labels();

create trigger count_insert after insert on gk.connections
  referencing new table as changed for each statement execute function gk.count_connections();
create trigger count_delete after delete on gk.connections
  referencing old table as changed for each statement execute function gk.count_connections();
create trigger count_update after update of status on gk.connections
  for each row when (new.status <> old.status) execute function gk.count_connections();

create trigger hash_spent before insert or update of sealed on gk.token_sets
  for each row execute function gk.hash_spent();
create trigger hash_spent before insert or update of sealed on gk.pending_grants
  for each row execute function gk.hash_spent();

create trigger take_data_key before insert or update of seal on gk.credentials
  for each row execute function gk.take_data_key();
create trigger take_data_key before insert or update of sealed on gk.credential_secrets
  for each row execute function gk.take_data_key();
create trigger take_data_key before insert or update of sealed on gk.webhooks
  for each row execute function gk.take_data_key();
create trigger take_data_key before insert or update of sealed on gk.pending_grants
  for each row execute function gk.take_data_key();
create trigger take_data_key before insert or update of sealed on gk.authorization_sessions
  for each row execute function gk.take_data_key();

create trigger plan_expiry_notice before insert or update of grant_ends_at on gk.connections
  for each row execute function gk.plan_expiry_notice();

-- Deliveries are written in the transaction that changes a connection, so that no code path can forget one.
create trigger announce_event after insert on gk.connection_events for each row
  when (new.type in ('connection.active', 'connection.degraded', 'connection.reauthorization_required', 'connection.expiring', 'connection.revoked'))
  execute function gk.announce_event();
-- A connection that never had a grant is removed without an event.
create trigger announce_removal after delete on gk.connections for each row
  when (old.generation > 0) execute function gk.announce_removal();
