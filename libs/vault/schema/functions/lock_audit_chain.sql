-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- The last event of a chain, which nobody else continues before this transaction ends.
create or replace function gk.lock_audit_chain(p_tenant uuid)
returns table (sequence bigint, hash bytea, cut jsonb, at timestamptz)
language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  insert into audit_chains (tenant_id) values (p_tenant) on conflict do nothing;
  return query select c.sequence, c.hash, c.cut, gk.now() from audit_chains c
    where c.tenant_id = p_tenant or (p_tenant is null and c.tenant_id is null) for update;
end $$;
