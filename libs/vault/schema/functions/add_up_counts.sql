-- owner: grantkeeper_scheduler
-- execute: nobody
-- Puts one row in the place of many. A process that finds another one at it leaves it to that one.
create or replace function gk.add_up_counts() returns void language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('gk.connection_counts', 0)) then return; end if;
  with gone as (delete from connection_counts returning provider, status, change)
  insert into connection_counts (provider, status, change)
    select provider, status, sum(change) from gone group by 1, 2 having sum(change) <> 0;
end $$;
