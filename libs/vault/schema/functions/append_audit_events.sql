-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Continues a chain that lock_audit_chain has locked. The events bring their hashes and MACs: the key of a MAC never
-- comes into the database.
create or replace function gk.append_audit_events(p_tenant uuid, p_events jsonb) returns void
language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  insert into audit_events (tenant_id, sequence, actor, action, target, outcome, data, created_at, previous_hash, hash, kid, mac)
    select p_tenant, e.sequence, e.actor, e.action, e.target, e.outcome, e.data, e.at,
      decode(e.previous_hash, 'hex'), decode(e.hash, 'hex'), e.kid, decode(e.mac, 'hex')
    from jsonb_to_recordset(p_events) as e(sequence bigint, actor text, action text, target text, outcome text, data jsonb,
      at timestamptz, previous_hash text, hash text, kid text, mac text);
  update audit_chains set sequence = (p_events->-1->>'sequence')::bigint, hash = decode(p_events->-1->>'hash', 'hex')
    where (tenant_id = p_tenant or (p_tenant is null and tenant_id is null))
      and sequence = (p_events->0->>'sequence')::bigint - 1 and hash = decode(p_events->0->>'previous_hash', 'hex');
  if not found then raise exception 'The events do not continue the chain.'; end if;
end $$;
