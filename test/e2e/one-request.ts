import { afterAll, expect, it } from '@jest/globals';
import { clientOf } from '../support/http.js';
import type { Api, Installation } from '../support/installation.js';
import { onboard } from '../support/onboarding.js';

const reads = 500;

export function oneRequest(running: {
  readonly installation: Installation;
  readonly apis: readonly Api[];
}): void {
  afterAll(() => running.installation.sandbox('POST', '/_control/reset'));

  it(`ask the provider exactly once for ${reads} concurrent reads`, async () => {
    const { installation, apis } = running;
    const [first, second] = apis;
    if (!first || !second) throw new Error('no apis');
    await installation.sandbox('PUT', '/_control/behaviours', {
      provider: 'vonage-contact-center',
      expires_in: 300,
      latency_ms: 200,
    });
    const { tokenPath, readerKey } = await onboard(first.admin);
    await installation.database.setClockOffset(301);
    await installation.sandbox('DELETE', '/_control/requests');
    const before = await countOf(installation);

    const clients = [clientOf(first.origin, readerKey), clientOf(second.origin, readerKey)];
    const answers = await Promise.all(
      Array.from({ length: reads }, (_, index) => (clients[index % 2] ?? first.admin)('GET', tokenPath)),
    );

    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.json.access_token)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.json.generation))).toEqual(new Set([2]));
    expect((await countOf(installation)) - before).toBe(1);
  });
}

async function countOf({ sandbox }: Installation): Promise<number> {
  const { json } = await sandbox('GET', '/_control/counts');
  return json.total.requests ?? json.total;
}
