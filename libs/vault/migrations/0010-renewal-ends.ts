import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunction } from './define-function.js';

/** How an exchange begins and ends in the database. Every end is written only over the generation that was claimed. */
export class RenewalEnds1764000000010 implements MigrationInterface {
  name = 'RenewalEnds1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function gk.read_token(uuid, text);
      drop function gk.load_claim(uuid, uuid);
      drop function gk.commit_renewal(uuid, uuid, uuid, integer, text, uuid, text, timestamptz, timestamptz, timestamptz, timestamptz, boolean, boolean);
      drop function gk.fail_renewal(uuid, uuid, uuid, integer, text, jsonb, timestamptz, timestamptz, boolean)`);
    await defineFunction(
      runner,
      'grantkeeper_app',
      'read_token(uuid, text)',
      `gk.read_token(p_tenant uuid, p_slug text)
       returns table (connection_id uuid, provider text, upstream text, status text, generation integer, lifetime_ms double precision,
         remaining_ms double precision, expires_at timestamptz, retry_in_ms double precision, leased boolean, failed_at timestamptz, last_error jsonb,
         single_use boolean, pending_grant text, sealed text, data_key jsonb)
       language plpgsql as $$
       declare v_now timestamptz := gk.now();
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         return query
           select c.id, d.provider, c.upstream, c.status, c.generation,
             extract(epoch from c.access_token_expires_at - c.access_token_issued_at)::double precision * 1000,
             extract(epoch from c.access_token_expires_at - v_now)::double precision * 1000,
             c.access_token_expires_at,
             extract(epoch from greatest(c.retry_not_before, case when c.lease_expires_at <= v_now then c.journal_wait_until end) - v_now)::double precision * 1000,
             coalesce(c.lease_expires_at > v_now, false), (c.last_error->>'at')::timestamptz, c.last_error,
             c.single_use, g.type, s.sealed,
             jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped)
           from connections c
             join credentials d on d.tenant_id = p_tenant and d.id = c.credential_id
             left join token_sets s on s.tenant_id = p_tenant and s.connection_id = c.id
             left join tenant_keys k on k.tenant_id = p_tenant and k.id = s.data_key_id
             left join pending_grants g on g.tenant_id = p_tenant and g.connection_id = c.id
           where c.tenant_id = p_tenant and c.slug = p_slug;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'load_claim(uuid, uuid[])',
      `gk.load_claim(p_tenant uuid, p_connections uuid[])
       returns table (connection_id uuid, slug text, "grant" text, subject text, requested_scope text, scope text, status text, renewal text,
         generation integer, refresh_token_expires_at timestamptz, failed_attempts integer, token_expires_in_ms double precision,
         credential_id uuid, provider text, upstream text, client_id text, settings jsonb, secrets jsonb,
         sealed text, pending jsonb, data_keys jsonb)
       language plpgsql as $$
       #variable_conflict use_column
       declare v_now timestamptz := gk.now();
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         return query
           select c.id, c.slug, c."grant", c.subject, c.requested_scope, c.scope, c.status, c.renewal,
             c.generation, c.refresh_token_expires_at, c.failed_attempts,
             extract(epoch from c.access_token_expires_at - v_now)::double precision * 1000,
             d.id, d.provider, c.upstream, d.client_id, d.settings,
             (select jsonb_agg(jsonb_build_object('id', s.id, 'version', s.version, 'kind', s.kind, 'sealed', s.sealed,
               'proved', s.proved_at is not null) order by s.version desc)
                from credential_secrets s where s.tenant_id = p_tenant and s.credential_id = d.id),
             t.sealed,
             (select jsonb_build_object('id', g.id, 'type', g.type, 'sealed', g.sealed, 'intervalSeconds', g.interval_seconds,
                'expired', g.expires_at is not null and g.expires_at <= v_now)
                from pending_grants g where g.tenant_id = p_tenant and g.connection_id = c.id),
             (select jsonb_agg(jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped) order by k.version desc)
                from tenant_keys k where k.tenant_id = p_tenant)
           from connections c
             join credentials d on d.tenant_id = p_tenant and d.id = c.credential_id
             left join token_sets t on t.tenant_id = p_tenant and t.connection_id = c.id
           where c.tenant_id = p_tenant and c.id = any (p_connections);
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'commit_renewal(uuid, uuid, integer, text, uuid, text, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, boolean, boolean, boolean, text)',
      `gk.commit_renewal(p_tenant uuid, p_connection uuid, p_generation integer, p_sealed text, p_data_key uuid,
         p_scope text, p_issued_at timestamptz, p_expires_at timestamptz, p_refresh_expires_at timestamptz,
         p_next_renewal_at timestamptz, p_renew_ahead_at timestamptz, p_grant_ends_at timestamptz, p_one_time boolean, p_single_use boolean, p_announce boolean, p_spent text)
       returns boolean language plpgsql as $$
       declare v_now timestamptz; v_row connections; v_waiting bytea; v_leased uuid;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         select * into v_row from connections where id = p_connection and generation = p_generation for update;
         if not found then
           -- The answer to this very commit may have been lost on its way.
           return exists (select from token_sets where connection_id = p_connection and generation = p_generation + 1
             and credential_hash = sha256(convert_to(p_sealed, 'UTF8')));
         end if;
         v_now := gk.now();
         select credential_hash into v_waiting from pending_grants where connection_id = p_connection;
         if encode(v_waiting, 'hex') = p_spent then
           delete from pending_grants where connection_id = p_connection;
           v_waiting := null;
         end if;
         -- A new authorisation that came meanwhile is still to be exchanged: it keeps its due time, and the lease of whoever exchanges it.
         if v_waiting is not null then
           select id into v_leased from intents where connection_id = p_connection and credential_hash = v_waiting
             and owner = v_row.lease_owner and deadline_at = v_row.lease_expires_at limit 1;
         end if;
         update connections set
           generation = p_generation + 1, status = 'active', scope = p_scope,
           access_token_issued_at = p_issued_at, access_token_expires_at = p_expires_at,
           refresh_token_expires_at = p_refresh_expires_at, renew_ahead_at = p_renew_ahead_at, grant_ends_at = p_grant_ends_at,
           next_renewal_at = case when v_waiting is null then p_next_renewal_at else next_renewal_at end,
           retry_not_before = case when v_waiting is null then null else retry_not_before end,
           one_time = case when v_waiting is null then p_one_time else one_time end,
           last_renewed_at = v_now, last_error = null, failed_attempts = 0, single_use = p_single_use, unfinished = 0,
           lease_owner = case when v_leased is null then null else lease_owner end,
           lease_expires_at = case when v_leased is null then null else lease_expires_at end,
           journal_wait_until = case when v_leased is null then null else journal_wait_until end,
           updated_at = v_now
         where id = p_connection;
         delete from intents where connection_id = p_connection and generation <= p_generation and id is distinct from v_leased;
         insert into token_sets (connection_id, tenant_id, generation, data_key_id, sealed, created_at)
           values (p_connection, p_tenant, p_generation + 1, p_data_key, p_sealed, v_now)
           on conflict (connection_id) do update set generation = excluded.generation,
             data_key_id = excluded.data_key_id, sealed = excluded.sealed, created_at = excluded.created_at;
         if v_row.status <> 'active' then
           insert into connection_events (tenant_id, connection_id, type, data, created_at)
             values (p_tenant, p_connection, 'connection.active', jsonb_build_object('generation', p_generation + 1), v_now);
         end if;
         if p_announce then perform pg_notify('gk_changes', 'connection ' || p_connection); end if;
         return true;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'fail_renewal(uuid, uuid, uuid, uuid, integer, text, jsonb, timestamptz, timestamptz, boolean, text)',
      `gk.fail_renewal(p_tenant uuid, p_connection uuid, p_intent uuid, p_owner uuid, p_generation integer, p_status text, p_error jsonb,
         p_next_renewal_at timestamptz, p_retry_not_before timestamptz, p_terminal boolean, p_spent text)
       returns boolean language plpgsql as $$
       declare v_now timestamptz; v_row connections; v_deadline timestamptz; v_waiting text; v_status text; v_ours boolean; v_moved boolean; v_replaced boolean;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         delete from intents where id = p_intent returning deadline_at into v_deadline;
         select * into v_row from connections where id = p_connection for update;
         if not found then return false; end if;
         select encode(credential_hash, 'hex') into v_waiting from pending_grants where connection_id = p_connection;
         -- A late renewal of the old grant may be written while a new authorisation is exchanged: that one's end counts all the same.
         v_moved := v_row.generation <> p_generation;
         if v_moved and not coalesce(v_waiting = p_spent, false) then return false; end if;
         -- The very lease of that intent: the same process may have taken another one since.
         v_ours := coalesce(v_row.lease_owner = p_owner and v_row.lease_expires_at = v_deadline, false);
         -- Somebody else has taken over meanwhile: only what is final still counts.
         if not v_ours and not p_terminal then return false; end if;
         v_now := gk.now();
         -- What was renewed meanwhile lives, whatever was thought of it when this was claimed.
         v_status := case when v_moved then v_row.status else p_status end;
         -- A new authorisation that came meanwhile has nothing to do with this end, and keeps its due time.
         v_replaced := coalesce(v_waiting <> p_spent, false);
         update connections set
           status = v_status, last_error = p_error, failed_attempts = failed_attempts + 1, unfinished = 0,
           next_renewal_at = case when v_replaced then next_renewal_at when v_moved and p_terminal then v_now else p_next_renewal_at end,
           retry_not_before = case when v_replaced then retry_not_before else p_retry_not_before end,
           lease_owner = case when v_ours then null else lease_owner end,
           lease_expires_at = case when v_ours then null else lease_expires_at end,
           journal_wait_until = case when v_ours then null else journal_wait_until end,
           updated_at = v_now
         where id = p_connection;
         if p_terminal and v_waiting = p_spent then delete from pending_grants where connection_id = p_connection; end if;
         if v_row.status <> v_status then
           insert into connection_events (tenant_id, connection_id, type, data, created_at)
             values (p_tenant, p_connection, 'connection.' || v_status, jsonb_build_object('code', p_error->>'code'), v_now);
         end if;
         return true;
       end $$`,
    );
    await defineFunction(
      runner,
      'grantkeeper_app',
      'postpone_renewal(uuid, uuid, uuid, timestamptz, double precision)',
      `gk.postpone_renewal(p_tenant uuid, p_connection uuid, p_intent uuid, p_next_at timestamptz, p_interval_seconds double precision)
       returns boolean language plpgsql as $$
       declare v_intent intents;
       begin
         perform set_config('gk.tenant_id', p_tenant::text, true);
         delete from intents where id = p_intent returning * into v_intent;
         update connections set next_renewal_at = p_next_at, retry_not_before = p_next_at, unfinished = 0,
           lease_owner = null, lease_expires_at = null, journal_wait_until = null, updated_at = gk.now()
         where id = p_connection and lease_owner = v_intent.owner and lease_expires_at = v_intent.deadline_at;
         if not found then return false; end if;
         update pending_grants set interval_seconds = coalesce(p_interval_seconds, interval_seconds) where connection_id = p_connection;
         return true;
       end $$`,
    );
  }

  async down(): Promise<void> {
    throw new Error('These functions are replaced by later migrations, never dropped.');
  }
}
