-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app, grantkeeper_clerk
create or replace function gk.awaiting_journals(p_grace_seconds double precision) returns boolean language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now(); v_line text := gk.server_line(); v_known deployment.server%type; v_since timestamptz;
begin
  select server, server_since into v_known, v_since from deployment;
  if v_known is distinct from v_line then
    -- Every process that was there in the last day this database remembers, however long ago that was.
    delete from journals where server <> v_line
      and seen_at < (select max(seen_at) from journals where server <> v_line) - interval '24 hours';
    update deployment set server = v_line, server_since = case when server is not null then v_now end
      where server is distinct from v_line;
    select server_since into v_since from deployment;
  end if;
  return v_since is not null and v_since + make_interval(secs => p_grace_seconds) > v_now
    -- It may not know of all: every replica looks at its journal within a few seconds, and has to before anybody goes on.
    and (v_since + interval '5 seconds' > v_now or exists (select from journals where server <> v_line));
end $$;
