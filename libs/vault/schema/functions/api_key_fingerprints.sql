-- owner: grantkeeper_doorkeeper
-- execute: grantkeeper_app
-- How the hashes of all keys begin, in order, one after the other.
create or replace function gk.api_key_fingerprints(p_bytes integer) returns bytea
language sql stable security definer set search_path = gk, pg_temp as $$ select string_agg(substring(k.hash for p_bytes), '' order by k.hash) from api_keys k $$;
