-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.note_reads(p_connections uuid[]) returns integer language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now(); v_noted integer;
begin
  update connections set last_read_at = v_now, next_renewal_at = least(next_renewal_at, renew_ahead_at)
    where id = any (p_connections) and renewal = 'auto' and status = 'active' and renew_ahead_at is not null
      and (last_read_at is null or last_read_at < access_token_issued_at);
  get diagnostics v_noted = row_count;
  return v_noted;
end $$;
