-- owner: grantkeeper_clerk
-- execute: grantkeeper_scheduler
-- Runs as its caller: the triggers announce_event and announce_removal, which run as the scheduler. What it reads is
-- granted column by column: none of it is sealed.
create or replace function gk.enqueue_deliveries(p_tenant uuid, p_connection uuid, p_slug text, p_credential uuid, p_type text, p_at timestamptz, p_data jsonb)
  returns void language plpgsql set search_path = gk, pg_temp as $$
declare v_now timestamptz; v_tenant text; v_payload jsonb;
begin
  -- A tenant that is being deleted takes its webhooks with it.
  select slug into v_tenant from tenants where id = p_tenant;
  if not found then return; end if;
  v_now := gk.now();
  v_payload := jsonb_build_object(
    'type', p_type,
    'timestamp', to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'data', jsonb_strip_nulls(p_data || jsonb_build_object('tenant', v_tenant, 'connection', p_slug,
      'provider', (select provider from credentials where tenant_id = p_tenant and id = p_credential))));
  insert into deliveries (tenant_id, webhook_id, connection_id, connection, type, payload, next_attempt_at, give_up_at, created_at)
    select p_tenant, w.id, p_connection, p_slug, p_type, v_payload, v_now, p_at + interval '24 hours', v_now
    from (select id from webhooks
      where tenant_id = p_tenant and disabled_at is null and (events is null or p_type = any (events))
      order by id for key share skip locked) w;
end $$;
