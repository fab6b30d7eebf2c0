-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: as notify_change, for what replicas remember by tenant: a new row counts too.
create or replace function gk.notify_tenant_change() returns trigger language plpgsql set search_path = gk, pg_temp as $$
begin
  perform pg_notify('gk_changes', concat_ws(' ', tg_argv[0], coalesce(new.tenant_id, old.tenant_id), coalesce(new.tenant_id, old.tenant_id)));
  return null;
end $$;
