-- owner: grantkeeper_clerk
-- execute: nobody
-- Trigger: names a ciphertext by its hash, whenever it is written.
create or replace function gk.hash_spent() returns trigger language plpgsql as $$
begin
  new.spent_hash := sha256(convert_to(new.sealed, 'UTF8'));
  return new;
end $$;
