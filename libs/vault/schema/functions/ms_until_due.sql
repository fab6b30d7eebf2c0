-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.ms_until_due() returns double precision language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now(); v_due timestamptz;
begin
  select next_renewal_at into v_due from connections
    where next_renewal_at is not null and not paused and (lease_expires_at is null or lease_expires_at <= v_now)
      and (journal_wait_until is null or journal_wait_until <= v_now)
    order by next_renewal_at limit 1;
  return extract(epoch from v_due - v_now) * 1000;
end $$;
