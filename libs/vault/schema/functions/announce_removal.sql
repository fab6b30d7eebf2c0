-- owner: grantkeeper_scheduler
-- execute: nobody
create or replace function gk.announce_removal() returns trigger language plpgsql security definer set search_path = gk, pg_temp as $$
declare v_failure jsonb;
begin
  v_failure := nullif(current_setting('gk.revocation_failure', true), '')::jsonb;
  perform enqueue_deliveries(old.tenant_id, old.id, old.slug, old.credential_id, 'connection.revoked', gk.now(),
    jsonb_build_object('status', 'revoked', 'generation', old.generation,
      'code', v_failure->>'code', 'remedy', v_failure->>'remedy', 'labels', nullif(old.labels, '{}')));
  return null;
end $$;
