-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Removes the beginning of a chain, up to the event that the signed cut names.
create or replace function gk.prune_audit_events(p_tenant uuid, p_cut jsonb) returns integer
language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_removed integer;
begin
  delete from audit_events where (tenant_id = p_tenant or (p_tenant is null and tenant_id is null))
    and sequence <= (p_cut->>'sequence')::bigint;
  get diagnostics v_removed = row_count;
  update audit_chains set cut = p_cut where tenant_id = p_tenant or (p_tenant is null and tenant_id is null);
  return v_removed;
end $$;
