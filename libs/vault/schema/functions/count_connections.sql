-- owner: grantkeeper_scheduler
-- execute: nobody
-- Trigger: writes down by how many the connections of a provider and status have changed. Rows are only added, so that
-- two transactions never wait for each other.
create or replace function gk.count_connections() returns trigger language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    insert into connection_counts (provider, status, change) values (old.provider, old.status, -1), (new.provider, new.status, 1);
  elsif tg_op = 'INSERT' then
    insert into connection_counts (provider, status, change) select provider, status, count(*) from changed group by 1, 2;
  else
    insert into connection_counts (provider, status, change) select provider, status, -count(*) from changed group by 1, 2;
  end if;
  return null;
end $$;
