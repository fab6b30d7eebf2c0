-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Tenants whose data key has sealed as much as given, or that have an older one beside it, in the order of their ids. `is_due`:
-- a new one is to be made.
create or replace function gk.data_keys_to_rotate(p_seals bigint, p_after uuid, p_limit integer)
returns table (tenant_id uuid, is_due boolean) language sql stable security definer set search_path = gk, pg_temp as $$
  select k.tenant_id, count(*) = 1 from tenant_keys k where k.tenant_id > p_after
  group by k.tenant_id having count(*) > 1 or max(k.seals) >= p_seals order by 1 limit p_limit
$$;
