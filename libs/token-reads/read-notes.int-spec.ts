import { describe, expect, it } from '@jest/globals';
import { ConnectService } from '#connect';
import { eventually, lifetimeSeconds, useReplicas } from '#testing';
import { ChangeFeed } from '#vault';
import { ReadNotes } from './read-notes.js';

describe('a connection that is renewed automatically', () => {
  const test = useReplicas();

  async function connect(): Promise<void> {
    const result = await test.core().get(ConnectService).connect(test.tenant().id, {
      slug: 'auto',
      credential: test.tenant().credential,
      grant: 'client_credentials',
      subject: null,
      requestedScope: null,
      renewal: 'auto',
    });
    expect(result.kind).toBe('active');
  }
  const read = () => test.reader().read(test.tenant().id, 'auto', 60);
  const noted = async () => {
    await test.core().get(ReadNotes).flush();
    return (await test.stored('auto')).nextRenewalAt;
  };
  const versionOfRow = async () => {
    const [row] = await test
      .database()
      .query<{ xmin: string }>(
        "select xmin::text from gk.connections where slug = 'auto' and tenant_id = $1",
        [test.tenant().id],
      );
    return row?.xmin;
  };

  it('is not renewed while nobody reads it', async () => {
    await connect();
    expect(await noted()).toBeNull();
    await test.at(lifetimeSeconds * 10);
    // The tenant's other connection is renewed ahead whatever happens.
    expect(await test.renewer().renewDue(10)).toBe(1);
    await eventually(async () => expect((await test.stored('main')).generation).toBe(2));
    expect((await test.stored('auto')).generation).toBe(1);
  });

  it('is renewed ahead of expiry once somebody has, and left alone again when nobody does any more', async () => {
    await connect();
    await read();
    const due = await noted();
    const { accessTokenExpiresAt } = await test.stored('auto');
    const leadSeconds = ((accessTokenExpiresAt?.getTime() ?? 0) - (due?.getTime() ?? 0)) / 1_000;
    expect(leadSeconds).toBeGreaterThanOrEqual(90);
    expect(leadSeconds).toBeLessThanOrEqual(99);
    await test.at(lifetimeSeconds - 80);
    expect(await test.renewer(1).renewDue(10)).toBeGreaterThan(0);
    await eventually(async () => expect((await test.stored('auto')).generation).toBe(2));
    expect(await noted()).toBeNull();
  });

  it('is noted also where a change that comes meanwhile keeps its token out of memory', async () => {
    await connect();
    const { id } = await test.stored('auto');
    const reading = read();
    test.core().get(ChangeFeed).tellHere({ kind: 'connection', id });
    expect((await reading).kind).toBe('token');
    expect(await noted()).not.toBeNull();
  });

  it('is written to once however often it is read', async () => {
    await connect();
    await read();
    await noted();
    const before = await versionOfRow();
    for (let n = 0; n < 20; n += 1) {
      await test.reader(n % 2 === 0 ? 0 : 1).read(test.tenant().id, 'auto', 60);
      await test.core(1).get(ReadNotes).flush();
      await noted();
    }
    expect(await versionOfRow()).toBe(before);
  });
});
