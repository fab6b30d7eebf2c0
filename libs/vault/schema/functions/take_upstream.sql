-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: a connection has the upstream of its credential, when it is made and whenever the credential changes.
create or replace function gk.take_upstream() returns trigger language plpgsql set search_path = gk, pg_temp as $$
begin
  if tg_table_name = 'connections' then
    new.upstream := coalesce(
      (select upstream from credentials where tenant_id = new.tenant_id and id = new.credential_id), '');
    return new;
  end if;
  update connections set upstream = new.upstream where tenant_id = new.tenant_id and credential_id = new.id;
  return null;
end $$;
