-- owner: grantkeeper_clerk
-- execute: grantkeeper_app
-- The tenants whose rows a function of the clerk may see: those of its batch, where it has named several; else that of the transaction.
create or replace function gk.tenant_ids() returns uuid[] language sql stable as $$
  select coalesce(nullif(current_setting('gk.tenant_ids', true), '')::uuid[], array[gk.tenant_id()])
$$;
