-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app, grantkeeper_clerk
create or replace function gk.held() returns boolean language sql stable security definer set search_path = gk, pg_temp as $$ select exists (select from holds where released_at is null) $$;
