-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.hold(p_reason text, p_details jsonb) returns boolean language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  insert into holds (reason, details, held_at) values (p_reason, p_details, gk.now()) on conflict do nothing;
  return found;
end $$;
