import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { eventTypes } from './event-types.js';

describe('the list of event types', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('is the one by which the database puts events into the outbox', async () => {
    const [triggers, functions] = await Promise.all([
      database.query<{ text: string }>(
        'select pg_get_triggerdef(oid) as text from pg_trigger where not tgisinternal',
      ),
      database.query<{ text: string }>(
        `select prosrc as text from pg_proc where proname = 'announce_removal'`,
      ),
    ]);
    const named = [...triggers, ...functions]
      .map(({ text }) => text)
      .filter((text) => /announce_event|enqueue_deliveries/.test(text))
      .flatMap((text) => text.match(/connection\.[a-z_]+/g) ?? []);
    expect([...new Set(named)].filter((name) => name !== 'connection.id').sort()).toEqual(
      [...eventTypes].sort(),
    );
  });
});
