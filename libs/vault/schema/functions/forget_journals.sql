-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.forget_journals(p_journals uuid[]) returns void language sql security definer set search_path = gk, pg_temp as $$
  delete from journals where id = any (p_journals)
$$;
