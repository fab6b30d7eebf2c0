-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- What needs each key-encryption key: data keys it wraps (and those of them that a newer one replaces), rows of callers and events of the audit trail it signs.
create or replace function gk.count_wrapped()
returns table (kek_id text, data_keys integer, older_data_keys integer, callers integer, signs_audit boolean)
language sql stable security definer set search_path = gk, pg_temp as $$
  with recursive signing (kid) as (
    (select min(kid) from audit_events)
    union all
    select (select min(e.kid) from audit_events e where e.kid > s.kid) from signing s where s.kid is not null
  ),
  used (kek_id, data_key, older, caller, audit) as (
    select k.kek_id, 1, (k.version < max(k.version) over (partition by k.tenant_id))::integer, 0, false from tenant_keys k
    union all select a.mac_kid, 0, 0, 1, false from api_keys a
    union all select w.mac_kid, 0, 0, 1, false from workload_identities w
    union all select s.kid, 0, 0, 0, true from signing s where s.kid is not null
  )
  select u.kek_id, sum(u.data_key)::integer, sum(u.older)::integer, sum(u.caller)::integer, bool_or(u.audit) from used u group by u.kek_id
$$;
