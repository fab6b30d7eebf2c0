-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
create or replace function gk.load_delivery(p_tenant uuid, p_delivery bigint, p_owner uuid)
returns table (message_id uuid, webhook_id uuid, url text, sealed text, payload jsonb, attempts integer,
  attempted_at timestamptz, give_up_in_ms double precision, data_keys jsonb)
language plpgsql security definer set search_path = gk, pg_temp as $$
#variable_conflict use_column
declare v_now timestamptz := gk.now();
begin
  perform set_config('gk.tenant_id', p_tenant::text, true);
  return query
    select d.message_id, d.webhook_id, w.url, w.sealed, d.payload, d.attempts, d.last_attempted_at,
      extract(epoch from d.give_up_at - v_now)::double precision * 1000,
      (select jsonb_agg(jsonb_build_object('id', k.id, 'version', k.version, 'wrapped', k.wrapped) order by k.version desc)
         from tenant_keys k where k.tenant_id = p_tenant)
    from deliveries d join webhooks w on w.tenant_id = p_tenant and w.id = d.webhook_id
    where d.id = p_delivery and d.tenant_id = p_tenant and d.lease_owner = p_owner and d.status = 'pending';
end $$;
