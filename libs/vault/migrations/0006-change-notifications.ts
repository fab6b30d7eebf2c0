import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What every replica must forget within a second is told on the channel `gk_changes`, by triggers, so that no code
 * path can forget to tell. Renewals are not told (a NOTIFY serialises commits), except where the token before dies.
 */
export class ChangeNotifications1764000000006 implements MigrationInterface {
  name = 'ChangeNotifications1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function gk.notify_change() returns trigger language plpgsql set search_path = gk, pg_temp as $$
      begin
        perform pg_notify('gk_changes', tg_argv[0] || ' ' || old.id);
        return null;
      end $$;
      create trigger notify_change after delete or update on gk.api_keys
        for each row execute function gk.notify_change('api_key');
      create trigger notify_removal after delete on gk.tenants
        for each row execute function gk.notify_change('tenant');
      create trigger notify_change after update of disabled_at, slug on gk.tenants
        for each row execute function gk.notify_change('tenant');
      create trigger notify_removal after delete on gk.connections
        for each row execute function gk.notify_change('connection');
      create trigger notify_change after update of status on gk.connections
        for each row when (new.status <> old.status and new.status in ('reauthorization_required', 'revoked'))
        execute function gk.notify_change('connection')`);
  }

  async down(): Promise<void> {
    throw new Error('Replicas rely on these notifications.');
  }
}
