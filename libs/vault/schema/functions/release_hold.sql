-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.release_hold(p_by text) returns boolean language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  update holds set released_at = gk.now(), released_by = p_by where released_at is null;
  return found;
end $$;
