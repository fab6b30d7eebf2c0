-- Roles belong to the whole cluster, so they may exist already. None owns a table, none may bypass row-level security,
-- and `grantkeeper_app`, which somebody logs in as, owns nothing at all:
-- - `grantkeeper_app` reads and writes one tenant at a time (give it a password to let api and worker log in as it);
-- - `grantkeeper_clerk` owns the functions by which renewals and deliveries of one tenant are read and written, and those
--   that run as their caller;
-- - `grantkeeper_scheduler` finds and leases due connections across tenants, fills the outbox and cleans up;
-- - `grantkeeper_doorkeeper` finds the API key or the tenant a request names, before its tenant is known.
do $$
declare wanted text;
begin
  foreach wanted in array array['grantkeeper_app login', 'grantkeeper_clerk nologin', 'grantkeeper_scheduler nologin', 'grantkeeper_doorkeeper nologin'] loop
    begin
      execute 'create role ' || wanted || ' nosuperuser nobypassrls nocreatedb nocreaterole';
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
  foreach wanted in array array['grantkeeper_app', 'grantkeeper_clerk', 'grantkeeper_scheduler', 'grantkeeper_doorkeeper'] loop
    -- From PostgreSQL 16 on, the creator of a role may not give it functions before the role is granted to the creator.
    if not (select rolsuper from pg_roles where rolname = current_user) then
      begin
        execute format('grant %I to current_user', wanted);
      exception when insufficient_privilege then null; -- Somebody else has made the role, and granted it before.
      end;
    end if;
  end loop;
end $$;

revoke all on schema gk from public;
grant usage on schema gk to grantkeeper_app, grantkeeper_clerk, grantkeeper_scheduler, grantkeeper_doorkeeper;
