-- owner: grantkeeper_clerk
-- execute: grantkeeper_app, grantkeeper_scheduler, grantkeeper_doorkeeper
-- The only clock SQL reads. Take it once into a variable: volatile, it defeats an index in a WHERE clause.
create or replace function gk.now() returns timestamptz language sql volatile as 'select clock_timestamp()';
