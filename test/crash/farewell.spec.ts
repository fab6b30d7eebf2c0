import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { FarewellDoor } from './farewell-door.js';
import { expectStatus } from './rotating-grants.js';

/** More than the pool has connections, so that each is wanted the moment it is free. */
const callers = 60;

describe('sessions that PostgreSQL ends right behind an answer', () => {
  let installation: Installation;
  let door: FarewellDoor;
  let api: Api;

  beforeAll(async () => {
    installation = await startInstallation();
    door = await FarewellDoor.start(installation.database.url);
    api = await installation.startApi({ DATABASE_URL: door.url });
    await expectStatus(api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }), 201);
  }, 180_000);
  afterAll(async () => {
    await installation.close();
    await door.close();
  });

  it('do not end the process', async () => {
    const call = () =>
      api.admin('GET', '/v1/tenants/acme').then(
        ({ status }) => status,
        () => 'no answer',
      );
    door.isEnding = true;
    const answers = await Promise.all(Array.from({ length: callers }, call));
    door.isEnding = false;

    expect(door.farewells).toBeGreaterThan(1);
    expect(new Set(answers)).not.toContain('no answer');
    expect(api.child.exitCode).toBeNull();
    await eventually(async () => expect(await call()).toBe(200));
  });
});
