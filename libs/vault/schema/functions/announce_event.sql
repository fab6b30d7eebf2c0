-- owner: grantkeeper_scheduler
-- execute: nobody
create or replace function gk.announce_event() returns trigger language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_slug text; v_credential uuid; v_status text; v_generation integer; v_error jsonb; v_labels jsonb;
begin
  select slug, credential_id, status, generation, last_error, nullif(labels, '{}') into v_slug, v_credential, v_status, v_generation, v_error, v_labels
    from connections where id = new.connection_id and tenant_id = new.tenant_id;
  if not found then return null; end if;
  if v_error->>'code' is distinct from new.data->>'code' then v_error := null; end if;
  perform enqueue_deliveries(new.tenant_id, new.connection_id, v_slug, v_credential, new.type, new.created_at,
    jsonb_build_object('status', v_status, 'generation', v_generation, 'code', new.data->>'code',
      'remedy', coalesce(new.data->>'remedy', v_error->>'remedy'), 'expires_at', new.data->>'expires_at', 'labels', v_labels));
  return null;
end $$;
