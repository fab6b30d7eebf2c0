-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Adds blocks of seals to data keys of any tenant: `{"<id of the key>": number}`.
create or replace function gk.count_seals(p_seals jsonb) returns void language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  -- In one order, so that no two replicas wait for each other.
  perform 1 from tenant_keys where id in (select jsonb_object_keys(p_seals)::uuid) order by id for no key update;
  update tenant_keys set seals = seals + (p_seals->>id::text)::bigint where id in (select jsonb_object_keys(p_seals)::uuid);
end $$;
