import { describe, expect, it } from '@jest/globals';
import { UpstreamError } from '#provider-kit';
import { withEachSecret } from './with-each-secret.js';

const failed = (code: string) => ({ kind: 'failed', failure: { code } });

describe('a request with the secrets of a client', () => {
  /** Asks with one secret for each answer, newest first: an error among them is thrown. */
  async function asked(...answers: readonly unknown[]) {
    const used: number[] = [];
    const secrets = answers.map((_, at) => at);
    const answered = await withEachSecret(secrets, async (secret, isNewest) => {
      used.push(secret);
      expect(isNewest).toBe(secret === 0);
      const answer = answers[secret];
      if (answer instanceof Error) throw answer;
      return answer;
    }).catch((error: unknown) => error);
    return { used, answered };
  }

  const wrong = failed('invalid_client');
  const thrown = new UpstreamError('invalid_client', true, 'No.');
  const timeout = new UpstreamError('upstream_timeout', true, 'Late.');

  it.each([
    ['the newest is enough', ['yes', 'never'], [0], 'yes'],
    ['an answer of nothing is one', [undefined, 'never'], [0], undefined],
    ['the next follows a wrong one', [wrong, 'yes', 'never'], [0, 1], 'yes'],
    ['the next follows one that is refused by an error', [thrown, 'yes'], [0, 1], 'yes'],
    ['the oldest has the last word', [thrown, wrong], [0, 1], wrong],
    ['the error of the oldest is thrown', [wrong, thrown], [0, 1], thrown],
    ['another failure ends it', [failed('invalid_grant'), 'never'], [0], failed('invalid_grant')],
    ['another error ends it, for what was sent may have been done', [timeout, 'never'], [0], timeout],
  ])('%s', async (_, answers, used, answered) => {
    expect(await asked(...answers)).toEqual({ used, answered });
  });

  it('is not made without any', async () => {
    await expect(withEachSecret([], async () => 'never')).rejects.toThrow('no secret');
  });
});
