-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: tells every replica what it must forget within a second, so that no code path can forget to tell. Renewals
-- are not told (a NOTIFY serialises commits), except where the token before dies: see commit_renewals. The last word is
-- the tenant, for the browsers that show its rows.
create or replace function gk.notify_change() returns trigger language plpgsql set search_path = gk, pg_temp as $$
begin
  perform pg_notify('gk_changes', concat_ws(' ', tg_argv[0], coalesce(old.id, new.id), to_jsonb(coalesce(old, new))->>'tenant_id'));
  return null;
end $$;
