-- owner: grantkeeper_scheduler
-- execute: nobody
create or replace function gk.announce_removal() returns trigger language plpgsql security definer set search_path = gk, pg_temp as $$
begin
  perform enqueue_deliveries(old.tenant_id, old.id, old.slug, old.credential_id, 'connection.revoked', gk.now(),
    jsonb_build_object('status', 'revoked', 'generation', old.generation, 'labels', nullif(old.labels, '{}')));
  return null;
end $$;
