-- owner: grantkeeper_scheduler
-- execute: nobody
-- The partitions (a tenant at an upstream) that have something due, from a place in their order on. Each costs one step
-- in the index however many rows it holds, and so does one that is skipped.
create or replace function gk.due_partitions(p_now timestamptz, p_tenants uuid[], p_upstreams text[], p_partitions text[], p_after_tenant uuid, p_wanted integer)
returns table (tenant_id uuid, upstream text) language plpgsql security definer set search_path = gk, pg_temp as $$
#variable_conflict use_column
declare v_tenant uuid := p_after_tenant; v_upstream text := ''; v_due timestamptz; v_found integer := 0;
begin
  for step in 1..1000 loop
    select c.tenant_id, c.upstream, c.next_renewal_at into v_tenant, v_upstream, v_due from connections c
      where c.next_renewal_at is not null and not c.paused and (c.tenant_id, c.upstream) > (v_tenant, v_upstream)
      order by c.tenant_id, c.upstream, c.next_renewal_at limit 1;
    exit when not found;
    continue when v_due > p_now or v_tenant = any (p_tenants) or v_upstream = any (p_upstreams)
      or v_tenant || ' ' || v_upstream = any (p_partitions);
    tenant_id := v_tenant;
    upstream := v_upstream;
    return next;
    v_found := v_found + 1;
    exit when v_found >= p_wanted;
  end loop;
end $$;
