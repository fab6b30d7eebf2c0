-- owner: grantkeeper_clerk
-- execute: grantkeeper_app, grantkeeper_scheduler
-- When the end of a grant is announced next; null when all has been said.
create or replace function gk.next_expiry_notice(p_ends_at timestamptz, p_now timestamptz) returns timestamptz language sql stable as $$
  select min(p_ends_at - make_interval(hours => 24 * days)) from unnest(array[14, 7, 1]) days
  where p_ends_at - make_interval(hours => 24 * days) > p_now
$$;
