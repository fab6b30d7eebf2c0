-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.last_hold() returns table (reason text, details jsonb, held_at timestamptz, released_at timestamptz, released_by text)
language sql stable security definer set search_path = gk, pg_temp as $$
  select reason, details, held_at, released_at, released_by from holds order by id desc limit 1
$$;
