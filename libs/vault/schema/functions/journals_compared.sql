-- owner: grantkeeper_scheduler
-- execute: grantkeeper_app
create or replace function gk.journals_compared(p_journals uuid[], p_server text) returns void language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_now timestamptz := gk.now();
begin
  insert into journals (id, server, seen_at) select id, p_server, v_now from unnest(p_journals) id
    on conflict (id) do update set server = excluded.server, seen_at = excluded.seen_at;
  delete from journals where server = p_server and seen_at < v_now - interval '7 days';
end $$;
