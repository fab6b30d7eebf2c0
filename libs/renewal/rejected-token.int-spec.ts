import { describe, expect, it } from '@jest/globals';
import { eventually, useReplicas } from '#testing';

describe('a token that a caller saw refused', () => {
  const test = useReplicas();
  const rejection = { insist: true, announce: true };

  async function generationRead(replica: 0 | 1): Promise<number | undefined> {
    const answer = await test.read(60, replica);
    return answer.kind === 'token' ? answer.token.generation : undefined;
  }

  it('is served no longer, by no replica, also where it had been renewed before', async () => {
    expect([await generationRead(0), await generationRead(1)]).toEqual([1, 1]);
    await test.renewer(1).renew(test.target());
    // One that nobody has complained of is good until it ends.
    expect(await generationRead(0)).toBe(1);
    expect(await test.renewer(1).renew(test.target(), rejection)).toEqual({ kind: 'renewed' });
    await eventually(async () => expect(await generationRead(0)).toBe(2));
    expect(await test.asked()).toBe(2);
  });

  it('is served no longer by the replica that was told of it', async () => {
    expect(await generationRead(0)).toBe(1);
    await test.renewer(1).renew(test.target());
    await test.renewer(0).renew(test.target(), rejection);
    expect(await generationRead(0)).toBe(2);
  });

  it('is served no longer where the rejection comes while it is being renewed anyway', async () => {
    expect([await generationRead(0), await generationRead(1)]).toEqual([1, 1]);
    await test.sandbox().rule({ respond_delay_ms: 300 });
    await Promise.all([
      test.renewer(1).renew(test.target()),
      test.renewer(1).renew(test.target(), rejection),
    ]);
    await eventually(async () => expect(await generationRead(0)).toBe(2));
    expect(await test.asked()).toBe(2);
  });
});
