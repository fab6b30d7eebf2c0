-- The rows and columns that each role may see and write. A transaction sees the rows of the tenant it has set, and none when it has set
-- none. FORCE puts the owner under the same rule. `gk.platform` opens the list of tenants and the platform's own rows,
-- never a tenant's data.
do $$
declare gk_table text;
begin
  foreach gk_table in array array['tenants', 'tenant_keys', 'api_keys', 'console_sessions', 'workload_identities', 'credentials', 'credential_secrets', 'connections',
    'token_sets', 'pending_grants', 'authorization_sessions', 'intents', 'connection_events', 'connection_labels', 'connection_counts', 'audit_events', 'audit_chains',
    'idempotency_keys', 'webhooks', 'deliveries', 'journals', 'holds'] loop
    execute format('alter table gk.%I enable row level security; alter table gk.%I force row level security', gk_table, gk_table);
  end loop;
  -- Rows of a tenant.
  foreach gk_table in array array['tenant_keys', 'workload_identities', 'credentials', 'credential_secrets', 'connections', 'token_sets',
    'pending_grants', 'authorization_sessions', 'intents', 'connection_events', 'connection_labels', 'webhooks', 'deliveries'] loop
    execute format('create policy tenant on gk.%I to grantkeeper_app using (tenant_id = (select gk.tenant_id()))', gk_table);
  end loop;
  -- Rows that may also belong to the platform itself; those have no tenant.
  foreach gk_table in array array['api_keys', 'console_sessions', 'idempotency_keys', 'audit_events', 'audit_chains'] loop
    execute format('create policy tenant on gk.%I to grantkeeper_app
      using (tenant_id = (select gk.tenant_id()) or (tenant_id is null and (select gk.is_platform())))', gk_table);
  end loop;
end $$;
create policy tenant on gk.tenants to grantkeeper_app using (id = (select gk.tenant_id()) or (select gk.is_platform()));

-- The application, one tenant at a time.
grant select, insert, update, delete on gk.tenants, gk.tenant_keys, gk.api_keys, gk.console_sessions, gk.workload_identities, gk.credentials, gk.credential_secrets,
  gk.connections, gk.token_sets, gk.pending_grants, gk.authorization_sessions, gk.intents, gk.connection_events,
  gk.connection_labels, gk.idempotency_keys, gk.webhooks, gk.deliveries to grantkeeper_app;
-- Nothing but reading: events are written by functions that keep the chain.
grant select on gk.audit_events, gk.audit_chains to grantkeeper_app;
grant select, update (first_key_at) on gk.deployment to grantkeeper_app;
grant select, insert (kid, wrapped) on gk.mac_keys to grantkeeper_app;
grant select on gk.migrations to grantkeeper_app;

-- The clerk, in whose functions the tenant, or those of a batch, are set before a row is looked at.
do $$
declare gk_table text;
begin
  foreach gk_table in array array['tenant_keys', 'credentials', 'credential_secrets', 'connections', 'token_sets',
    'pending_grants', 'intents', 'connection_events', 'webhooks', 'deliveries'] loop
    execute format('create policy clerk on gk.%I to grantkeeper_clerk using (tenant_id = any ((select gk.tenant_ids())::uuid[]))', gk_table);
  end loop;
end $$;
grant select (id, audit_reads, disabled_at) on gk.tenants to grantkeeper_clerk;
create policy clerk on gk.tenants for select to grantkeeper_clerk using (id = (select gk.tenant_id()));
grant select on gk.tenant_keys, gk.credentials, gk.credential_secrets to grantkeeper_clerk;
grant select, update on gk.connections, gk.webhooks, gk.deliveries to grantkeeper_clerk;
grant select, insert, update, delete on gk.token_sets to grantkeeper_clerk;
grant select, update, delete on gk.pending_grants to grantkeeper_clerk;
grant select, insert, delete on gk.intents to grantkeeper_clerk;
grant insert on gk.connection_events to grantkeeper_clerk;

-- The doorkeeper, before a tenant is known.
grant select on gk.api_keys, gk.workload_identities, gk.tenants to grantkeeper_doorkeeper;
grant select (tenant_id, slug, provider, upstream, settings) on gk.credentials to grantkeeper_doorkeeper;
create policy doorkeeper on gk.credentials for select to grantkeeper_doorkeeper using (true);
grant select (id, tenant_id, link_hash, state_hash, alternate_state_hash) on gk.authorization_sessions to grantkeeper_doorkeeper;
create policy doorkeeper on gk.authorization_sessions for select to grantkeeper_doorkeeper using (true);
create policy doorkeeper on gk.api_keys for select to grantkeeper_doorkeeper using (true);
create policy doorkeeper on gk.workload_identities for select to grantkeeper_doorkeeper using (true);
create policy doorkeeper on gk.tenants for select to grantkeeper_doorkeeper using (true);
grant select, update (last_used_at) on gk.console_sessions to grantkeeper_doorkeeper;
create policy doorkeeper_select on gk.console_sessions for select to grantkeeper_doorkeeper using (true);
create policy doorkeeper_use on gk.console_sessions for update to grantkeeper_doorkeeper using (true);

-- The scheduler, across tenants and column by column: nothing that is sealed.
grant select (singleton, server, server_since), update (server, server_since) on gk.deployment to grantkeeper_scheduler;

grant select (id, slug, disabled_at, renewal_weight) on gk.tenants to grantkeeper_scheduler;
create policy scheduler on gk.tenants for select to grantkeeper_scheduler using (true);

grant select (id, tenant_id, version, kek_id, seals), update (seals) on gk.tenant_keys to grantkeeper_scheduler;
grant select (tenant_id, mac_kid) on gk.api_keys, gk.workload_identities to grantkeeper_scheduler;
create policy scheduler on gk.api_keys for select to grantkeeper_scheduler using (true);
create policy scheduler on gk.workload_identities for select to grantkeeper_scheduler using (true);
create policy scheduler on gk.tenant_keys for select to grantkeeper_scheduler using (true);
create policy scheduler_counts on gk.tenant_keys for update to grantkeeper_scheduler using (true);

grant select (id, tenant_id, provider) on gk.credentials to grantkeeper_scheduler;
create policy outbox on gk.credentials for select to grantkeeper_scheduler using (true);

grant select (id, tenant_id, slug, credential_id, upstream, provider, labels, renewal, paused, status, generation, access_token_issued_at, grant_ends_at,
    expiry_notice_at, next_renewal_at, renew_ahead_at, last_read_at, last_error, unread_by, rotating, lease_owner, lease_expires_at,
    journal_wait_until, unfinished),
  update (expiry_notice_at, next_renewal_at, last_read_at, unread_by, lease_owner, lease_expires_at, journal_wait_until, unfinished)
  on gk.connections to grantkeeper_scheduler;
create policy scheduler_select on gk.connections for select to grantkeeper_scheduler using (true);
create policy scheduler_update on gk.connections for update to grantkeeper_scheduler using (true);

grant select, insert, delete on gk.connection_counts to grantkeeper_scheduler;
create policy scheduler on gk.connection_counts to grantkeeper_scheduler using (true) with check (true);

grant select (tenant_id, connection_id, spent_hash) on gk.token_sets, gk.pending_grants to grantkeeper_scheduler;
grant select (interval_seconds) on gk.pending_grants to grantkeeper_scheduler;
create policy scheduler on gk.token_sets for select to grantkeeper_scheduler using (true);
create policy scheduler on gk.pending_grants for select to grantkeeper_scheduler using (true);

grant select (id, tenant_id, connection_id, owner, journal_id, created_at), insert, delete on gk.intents to grantkeeper_scheduler;
create policy scheduler_select on gk.intents for select to grantkeeper_scheduler using (true);
create policy scheduler on gk.intents for insert to grantkeeper_scheduler with check (true);
create policy scheduler_delete on gk.intents for delete to grantkeeper_scheduler using (true);

grant select, insert, update, delete on gk.journals to grantkeeper_scheduler;
create policy scheduler on gk.journals to grantkeeper_scheduler using (true) with check (true);
grant select, insert, update on gk.holds to grantkeeper_scheduler;
create policy scheduler on gk.holds to grantkeeper_scheduler using (true) with check (true);

-- The outbox.
grant select (id, tenant_id, events, disabled_at, failing_since) on gk.webhooks to grantkeeper_scheduler;
create policy outbox_select on gk.webhooks for select to grantkeeper_scheduler using (true);
-- Only to lock a row against its deletion: nothing is written.
grant update (failing_since) on gk.webhooks to grantkeeper_scheduler;
create policy outbox_lock on gk.webhooks for update to grantkeeper_scheduler using (true) with check (false);
grant select (id, tenant_id, webhook_id, connection_id, status, attempts, next_attempt_at, lease_owner, first_attempted_at, ended_at),
  update (attempts, next_attempt_at, lease_owner, first_attempted_at, last_attempted_at), insert, delete
  on gk.deliveries to grantkeeper_scheduler;
create policy outbox_select on gk.deliveries for select to grantkeeper_scheduler using (true);
create policy outbox_update on gk.deliveries for update to grantkeeper_scheduler using (true);
create policy outbox_insert on gk.deliveries for insert to grantkeeper_scheduler with check (true);
create policy clean_up on gk.deliveries for delete to grantkeeper_scheduler using (status <> 'pending');

-- Notices and clean-up.
grant select (id, created_at), insert, delete on gk.connection_events to grantkeeper_scheduler;
create policy notices on gk.connection_events for insert to grantkeeper_scheduler with check (true);
create policy clean_up_select on gk.connection_events for select to grantkeeper_scheduler using (true);
create policy clean_up on gk.connection_events for delete to grantkeeper_scheduler using (true);
grant select (id, expires_at), delete on gk.authorization_sessions to grantkeeper_scheduler;
create policy clean_up_select on gk.authorization_sessions for select to grantkeeper_scheduler using (true);
create policy clean_up on gk.authorization_sessions for delete to grantkeeper_scheduler using (true);
grant select (id, expires_at), delete on gk.console_sessions to grantkeeper_scheduler;
create policy clean_up_select on gk.console_sessions for select to grantkeeper_scheduler using (true);
create policy clean_up on gk.console_sessions for delete to grantkeeper_scheduler using (true);
grant select (id, created_at), delete on gk.idempotency_keys to grantkeeper_scheduler;
create policy clean_up_select on gk.idempotency_keys for select to grantkeeper_scheduler using (true);
create policy clean_up on gk.idempotency_keys for delete to grantkeeper_scheduler using (true);

-- The audit trail.
grant select, insert, delete on gk.audit_events to grantkeeper_scheduler;
grant select, insert, update on gk.audit_chains to grantkeeper_scheduler;
create policy trail on gk.audit_events to grantkeeper_scheduler using (true) with check (true);
create policy trail on gk.audit_chains to grantkeeper_scheduler using (true) with check (true);
