-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: the labels of a connection as rows, by which lists find it.
create or replace function gk.list_labels() returns trigger language plpgsql set search_path = gk, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    delete from connection_labels where tenant_id = new.tenant_id and connection_id = new.id;
  end if;
  insert into connection_labels (tenant_id, connection_id, label)
    select new.tenant_id, new.id, key || ':' || value from jsonb_each_text(new.labels);
  return null;
end $$;
