import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { createTestDatabase, type TestDatabase } from '#testing';
import { AuditRepository } from '#vault';
import { startAccess } from '../spec-support/access-module.js';
import { TokenReadLog } from './token-read-log.js';

let database: TestDatabase;
let module: TestingModule;
let reads: TokenReadLog;
beforeAll(async () => {
  database = await createTestDatabase();
  module = await startAccess(database.url);
  reads = module.get(TokenReadLog, { strict: false });
});
afterAll(async () => {
  await module.close();
  await database.drop();
});

it('writes what was counted when it began, and leaves what is read meanwhile to the next time', async () => {
  const tenantId = randomUUID();
  const read = { tenantId, tenantSlug: 'acme', callerId: 'key', connection: 'main' };
  const written = async () => {
    const { items } = await module.get(AuditRepository, { strict: false }).list(tenantId, { limit: 10 });
    return items.map(({ data }) => data['count']);
  };
  reads.note(read);
  const busy = setInterval(() => reads.note(read), 1);
  await reads.flush();
  clearInterval(busy);
  expect(await written()).toEqual([1]);
  reads.note(read);
  await reads.flush();
  expect(await written()).toEqual([1, expect.any(Number)]);
});

it('writes all that was counted, however many callers there are', async () => {
  const tenantId = randomUUID();
  for (let caller = 0; caller < 2_500; caller += 1)
    reads.note({ tenantId, tenantSlug: 'acme', callerId: `key ${caller}`, connection: 'main' });
  await reads.flush();
  const events = await database.query('select 1 from gk.audit_events where tenant_id = $1', [tenantId]);
  expect(events).toHaveLength(2_500);
});
