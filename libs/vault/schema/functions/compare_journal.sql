-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.compare_journal(p_heads jsonb) returns table (id uuid, generation integer, matches boolean) language sql volatile security definer set search_path = gk, pg_temp as $$
  select h.id, c.generation,
    coalesce(h.hash = (select encode(t.spent_hash, 'hex') from token_sets t where t.tenant_id = c.tenant_id and t.connection_id = c.id), false)
      or coalesce(h.hash = (select encode(g.spent_hash, 'hex') from pending_grants g where g.tenant_id = c.tenant_id and g.connection_id = c.id), false)
  from jsonb_to_recordset(p_heads) as h (id uuid, connection uuid, hash text) join connections c on c.id = h.connection
$$;
