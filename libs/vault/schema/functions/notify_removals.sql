-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: as notify_change, once for all connections of a tenant that a statement has removed: up to a hundred ids in one
-- notification; of more, that the tenant has changed, whereupon every replica forgets all it knows of it.
create or replace function gk.notify_removals() returns trigger language plpgsql set search_path = gk, pg_temp as $$
begin
  perform pg_notify('gk_changes', case when count(*) <= 100
      then concat_ws(' ', 'connection', string_agg(id::text, ','), tenant_id)
      else concat_ws(' ', 'tenant', tenant_id, tenant_id) end)
    from gone group by tenant_id;
  return null;
end $$;
