-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.clean_up(p_limit integer) returns integer language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now(); v_day timestamptz := v_now - interval '24 hours';
  v_gone integer; v_most integer := 0;
begin
  perform gk.add_up_counts();
  delete from deliveries where id in (
    select id from deliveries where status = 'delivered' and ended_at < v_now - interval '7 days'
    order by ended_at limit p_limit for update skip locked);
  get diagnostics v_most = row_count;
  delete from deliveries where id in (
    select id from deliveries where status = 'dead' and ended_at < v_now - interval '30 days'
    order by ended_at limit p_limit for update skip locked);
  get diagnostics v_gone = row_count;
  v_most := greatest(v_most, v_gone);
  delete from authorization_sessions where id in (
    select id from authorization_sessions where expires_at < v_day limit p_limit);
  get diagnostics v_gone = row_count;
  v_most := greatest(v_most, v_gone);
  delete from console_sessions where id in (
    select id from console_sessions where expires_at < v_day limit p_limit);
  get diagnostics v_gone = row_count;
  v_most := greatest(v_most, v_gone);
  delete from idempotency_keys where id in (
    select id from idempotency_keys where created_at < v_day limit p_limit);
  get diagnostics v_gone = row_count;
  v_most := greatest(v_most, v_gone);
  -- A delivery has what it tells in itself, however long it waits.
  delete from connection_events where id in (
    select id from connection_events where created_at < v_now - interval '90 days' order by created_at limit p_limit);
  get diagnostics v_gone = row_count;
  return greatest(v_most, v_gone);
end $$;
