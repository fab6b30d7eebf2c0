import { readFileSync } from 'node:fs';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineFunctions } from '../schema/define-functions.js';

/** In an order in which each names only tables that are there. */
const tables = ['tenancy', 'credentials', 'connections', 'authorization', 'renewal', 'webhooks', 'requests'];

/** The schema of 0.1.0: roles, functions (tables have them in their defaults and policies), tables, rights, triggers. */
export class Baseline1764000000001 implements MigrationInterface {
  name = 'Baseline1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(sqlOf('roles'));
    // Their bodies name tables that are not there yet: they are checked when `migrate` defines them again at its end.
    await runner.query('set local check_function_bodies = off');
    await defineFunctions(runner);
    for (const subject of tables) await runner.query(sqlOf(`tables/${subject}`));
    for (const part of ['policies', 'triggers']) await runner.query(sqlOf(part));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema gk cascade');
  }
}

function sqlOf(part: string): string {
  return readFileSync(new URL(`../schema/${part}.sql`, import.meta.url), 'utf8');
}
