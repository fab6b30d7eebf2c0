-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- Writes down the renewals of a batch, of any tenants, all or none; each statement takes all of them. Not written is one whose generation is
-- no longer the claimed one. `p_lock_wait`: how long one of them waits for a lock; null as long as the database lets it.
create or replace function gk.commit_renewals(p_renewals jsonb, p_lock_wait text) returns table (at integer, written boolean)
language plpgsql security definer set search_path = gk, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
declare v_now timestamptz; v_ids uuid[]; v_inactive uuid[]; v_waiting uuid[]; v_leased uuid[];
begin
  perform set_config('lock_timeout', coalesce(p_lock_wait, current_setting('lock_timeout')), true);
  perform set_config('gk.tenant_ids', (select array_agg(distinct p->>'tenant_id')::text from jsonb_array_elements(p_renewals) p), true);
  -- In the order of their ids, so that two processes never wait for each other in a circle.
  select array_agg(locked.id), array_agg(locked.id) filter (where locked.status <> 'active') into v_ids, v_inactive from (
    select c.id, c.status from jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid, generation integer)
      join connections c on c.tenant_id = p.tenant_id and c.id = p.connection_id and c.generation = p.generation
    order by c.id for update of c) locked;
  v_now := gk.now();
  select array_agg(connection_id) into v_waiting from pending_grants where tenant_id = any (gk.tenant_ids()) and connection_id = any (v_ids);
  if v_waiting is not null then
    delete from pending_grants g using jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid, spent_hash text)
      where g.tenant_id = p.tenant_id and g.connection_id = p.connection_id and g.connection_id = any (v_waiting) and g.spent_hash = decode(p.spent_hash, 'hex');
    -- A new authorisation that came meanwhile is still to be exchanged: it keeps its due time, and the lease of the process that exchanges it.
    select array_agg(g.connection_id), array_agg(i.connection_id) into v_waiting, v_leased from pending_grants g
        join connections c on c.tenant_id = g.tenant_id and c.id = g.connection_id
        left join intents i on i.tenant_id = g.tenant_id and i.connection_id = g.connection_id and i.spent_hash = g.spent_hash
          and i.owner = c.lease_owner and i.deadline_at = c.lease_expires_at
      where g.connection_id = any (v_waiting);
  end if;
  update connections c set
    generation = p.generation + 1, status = 'active', scope = p.scope,
    access_token_issued_at = p.issued_at, access_token_expires_at = p.expires_at,
    refresh_token_expires_at = p.refresh_token_expires_at, renew_ahead_at = p.renew_ahead_at, grant_ends_at = p.grant_ends_at,
    next_renewal_at = case when c.id = any (v_waiting) then c.next_renewal_at else p.next_renewal_at end,
    retry_not_before = case when c.id = any (v_waiting) then c.retry_not_before end,
    rotating = case when c.id = any (v_waiting) then c.rotating else p.rotating end,
    fields = coalesce(p.fields, c.fields), account = coalesce(p.account, c.account),
    requested_scope = coalesce(p.requested_scope, c.requested_scope),
    -- Of a new scope; a connection that has it already keeps it, and the tokens are written all the same.
    exclusive_key = case when p.exclusive_key is null or exists (select from connections other
        where other.tenant_id = p.tenant_id and other.exclusive_key = decode(p.exclusive_key, 'hex') and other.id <> p.connection_id)
      then c.exclusive_key else decode(p.exclusive_key, 'hex') end,
    last_renewed_at = v_now, last_error = null, failed_attempts = 0, unread_by = null, refused_since = null, single_use = p.single_use, unfinished = 0,
    lease_owner = case when c.id = any (v_leased) then c.lease_owner end,
    lease_expires_at = case when c.id = any (v_leased) then c.lease_expires_at end,
    journal_wait_until = case when c.id = any (v_leased) then c.journal_wait_until end,
    updated_at = v_now
  from jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid, generation integer, scope text, issued_at timestamptz, expires_at timestamptz,
    refresh_token_expires_at timestamptz, next_renewal_at timestamptz, renew_ahead_at timestamptz, grant_ends_at timestamptz, rotating boolean, single_use boolean,
    fields jsonb, account jsonb, requested_scope text, exclusive_key text)
  where c.tenant_id = p.tenant_id and c.id = p.connection_id and c.generation = p.generation and c.id = any (v_ids);
  delete from intents i using jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid, generation integer), connections c
    where i.tenant_id = p.tenant_id and i.connection_id = p.connection_id and i.generation <= p.generation and i.connection_id = any (v_ids)
      and c.tenant_id = p.tenant_id and c.id = p.connection_id and (i.owner, i.deadline_at) is distinct from (c.lease_owner, c.lease_expires_at);
  insert into token_sets (connection_id, tenant_id, generation, data_key_id, sealed, created_at)
    select p.connection_id, p.tenant_id, p.generation + 1, p.data_key_id, p.sealed, v_now
    from jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid, generation integer, data_key_id uuid, sealed text)
    where p.connection_id = any (v_ids)
    on conflict (connection_id) do update set generation = excluded.generation,
      data_key_id = excluded.data_key_id, sealed = excluded.sealed, created_at = excluded.created_at;
  if v_inactive is not null then
    insert into connection_events (tenant_id, connection_id, type, data, created_at)
      select p.tenant_id, p.connection_id, 'connection.active', jsonb_build_object('generation', p.generation + 1), v_now
      from jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid, generation integer) where p.connection_id = any (v_inactive);
  end if;
  perform pg_notify('gk_changes', 'connection ' || p.connection_id)
    from jsonb_to_recordset(p_renewals) as p (connection_id uuid, announce boolean) where p.announce and p.connection_id = any (v_ids);
  -- Also where the answer to this very commit was lost on its way.
  return query select p.at, exists (select from token_sets t where t.tenant_id = p.tenant_id and t.connection_id = p.connection_id
      and t.generation = p.generation + 1 and t.spent_hash = sha256(convert_to(p.sealed, 'UTF8')))
    from jsonb_to_recordset(p_renewals) as p (at integer, tenant_id uuid, connection_id uuid, generation integer, sealed text);
  perform set_config('gk.tenant_ids', '', true);
end $$;
