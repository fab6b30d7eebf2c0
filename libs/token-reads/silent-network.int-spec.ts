import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { createCore, startDatabaseHole, useReplicas } from '#testing';
import { TokenReader } from './token-reader.js';

const test = useReplicas();

it('serves tokens from memory while the network to the database swallows everything', async () => {
  const hole = await startDatabaseHole(test.database().url);
  const replica = await createCore({
    database: { url: hole.url },
    sandbox: test.sandbox().origin,
    env: { GRANTKEEPER_OUTAGE_READ_SECONDS: '60' },
  });
  const read = (slug: string) => replica.get(TokenReader).read(test.tenant().id, slug, 60);
  expect((await read('main')).kind).toBe('token');
  await sleep(1_200);
  hole.swallow(true);
  // For so long nobody notices.
  await sleep(2_500);
  // A new connection would be given up after three seconds.
  const late = sleep(2_600, undefined, { ref: false }).then(() => ({ kind: 'nobody answers' }));
  expect((await Promise.race([read('main'), late])).kind).toBe('token');
  hole.close();
  await replica.close();
}, 30_000);
