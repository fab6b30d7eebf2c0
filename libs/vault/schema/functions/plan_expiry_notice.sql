-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: renewals may compute the same end a little differently each time, so only another end is announced anew.
create or replace function gk.plan_expiry_notice() returns trigger language plpgsql as $$
begin
  if new.grant_ends_at is null then
    new.expiry_notice_at := null;
    return new;
  end if;
  if tg_op = 'UPDATE' and abs(extract(epoch from new.grant_ends_at - old.grant_ends_at)) < 3600 then return new; end if;
  new.expiry_notice_at := gk.next_expiry_notice(new.grant_ends_at, gk.now());
  return new;
end $$;
