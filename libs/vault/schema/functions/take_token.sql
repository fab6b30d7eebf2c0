-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.take_token(p_tenant uuid, p_connection uuid, p_generation integer)
returns boolean language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz;
begin
  perform set_config('gk.tenant_id', p_tenant::text, true);
  delete from token_sets where connection_id = p_connection and generation = p_generation;
  if not found then return false; end if;
  v_now := gk.now();
  update connections set status = 'reauthorization_required', next_renewal_at = null, updated_at = v_now,
    last_error = jsonb_build_object('code', 'token_used', 'at', to_char(v_now at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'attempts', 0, 'next_attempt_at', null)
  where id = p_connection;
  insert into connection_events (tenant_id, connection_id, type, data, created_at)
    values (p_tenant, p_connection, 'connection.reauthorization_required', jsonb_build_object('code', 'token_used'), v_now);
  return true;
end $$;
