-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.note_expiring(p_limit integer) returns integer language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now(); v_noted integer;
begin
  with due as (
    select id from connections where expiry_notice_at <= v_now
    order by expiry_notice_at limit p_limit for update skip locked
  ), noted as (
    update connections c set expiry_notice_at = next_expiry_notice(c.grant_ends_at, v_now)
    from due where c.id = due.id
    returning c.tenant_id, c.id, c.status, c.grant_ends_at
  ), announced as (
    -- Of several that have been passed at once, the nearest counts.
    insert into connection_events (tenant_id, connection_id, type, data, created_at)
    select tenant_id, id, 'connection.expiring', jsonb_build_object(
        'expires_at', to_char(grant_ends_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'days', (select min(days) from unnest(array[14, 7, 1]) days
           where grant_ends_at - make_interval(hours => 24 * days) <= v_now),
        'remedy', 'The grant cannot be extended. Authorise the connection again before it ends.'), v_now
    from noted where grant_ends_at > v_now and status in ('active', 'degraded')
  )
  select count(*) into v_noted from noted;
  return v_noted;
end $$;
