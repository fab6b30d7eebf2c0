-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: notes the data key that a ciphertext of the tenant names in its header. What is none opens nothing, and keeps no key.
create or replace function gk.take_data_key() returns trigger language plpgsql as $$
declare v_header text; v_named jsonb;
begin
  if tg_table_name = 'credentials' then
    v_header := new.seal;
  else
    v_header := new.sealed;
  end if;
  v_header := translate(split_part(v_header, '.', 1), '-_', '+/');
  begin
    v_named := convert_from(decode(rpad(v_header, (length(v_header) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb;
    if v_named->>'ten' = new.tenant_id::text then new.data_key_id := (v_named->>'kid')::uuid; end if;
  exception when data_exception then null;
  end;
  return new;
end $$;
