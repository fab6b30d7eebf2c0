-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
create or replace function gk.any_api_key() returns boolean language sql stable security definer set search_path = gk, pg_temp as $$ select exists (select from api_keys) $$;
