-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.ms_until_delivery() returns double precision language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now();
begin
  return (select extract(epoch from min(due_at) - v_now) * 1000 from open_webhooks(v_now));
end $$;
