-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Names the server and its timeline: another value means a promoted standby or a restored backup.
create or replace function gk.server_line() returns text language sql volatile security definer set search_path = gk, pg_temp as $$
  select (select system_identifier from pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
$$;
