-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Every chain of which anything is there; a slug only where its tenant is, too.
create or replace function gk.audit_chain_names() returns table (tenant_id uuid, slug text)
language sql stable security definer set search_path = gk, pg_temp as $$
  select c.tenant_id, t.slug from (select tenant_id from audit_chains union select tenant_id from audit_events) c
    left join tenants t on t.id = c.tenant_id order by c.tenant_id nulls first
$$;
