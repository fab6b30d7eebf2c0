-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- The webhook is locked first, as its deletion does, so that ends of one webhook are written one after the other. The
-- end of the first in a row calls up the next, whether it has been put aside yet or is about to be. To be disabled it
-- is locked against new deliveries too: one that is being written is waited for, so that it is seen and ends as well.
create or replace function gk.end_attempt(p_tenant uuid, p_end jsonb)
returns boolean language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz; v_webhook uuid; v_connection uuid; p record;
begin
  select * into p from jsonb_to_record(p_end) as attempt (delivery_id bigint, owner uuid, status text, http_status integer, error text,
    retry_seconds double precision, disable boolean);
  perform set_config('gk.tenant_id', p_tenant::text, true);
  select webhook_id, connection_id into v_webhook, v_connection from deliveries
    where id = p.delivery_id and lease_owner = p.owner and status = 'pending';
  if not found then return false; end if;
  if p.disable then
    perform 1 from webhooks where id = v_webhook for update;
  else
    perform 1 from webhooks where id = v_webhook for no key update;
  end if;
  v_now := gk.now();
  update deliveries set status = p.status, last_status = p.http_status, last_error = p.error, lease_owner = null,
    next_attempt_at = case when p.status = 'pending' then v_now + make_interval(secs => p.retry_seconds) end,
    ended_at = case when p.status <> 'pending' then v_now end
  where id = p.delivery_id and lease_owner = p.owner and status = 'pending';
  if not found then return false; end if;
  if p.disable then
    update webhooks set disabled_at = coalesce(disabled_at, v_now) where id = v_webhook;
    update deliveries set status = 'dead', last_error = 'webhook_disabled', lease_owner = null, next_attempt_at = null, ended_at = v_now
      where webhook_id = v_webhook and status = 'pending';
    return true;
  end if;
  if p.status = 'delivered' then
    update webhooks set failing_since = null where id = v_webhook and failing_since is not null;
  else
    update webhooks set failing_since = v_now where id = v_webhook and failing_since is null;
  end if;
  if p.status <> 'pending' then
    update deliveries set next_attempt_at = coalesce(next_attempt_at, v_now) where id = (
      select id from deliveries where webhook_id = v_webhook and connection_id = v_connection and status = 'pending'
      order by id limit 1);
  end if;
  return true;
end $$;
