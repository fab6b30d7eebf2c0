-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
-- Connections whose newest answer another release could not read fall due, for this one to read it. Returns how many.
create or replace function gk.read_again(p_release text, p_limit integer) returns integer
language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_due integer;
begin
  update connections set next_renewal_at = gk.now(), unread_by = p_release where id in (
    select id from connections where unread_by <> p_release limit p_limit for update skip locked);
  get diagnostics v_due = row_count;
  return v_due;
end $$;
