import { jest } from '@jest/globals';
import { CachedTokenReads } from '../../apps/api/token/fast-path/cached-token-reads.js';
import type { RunningApi } from '../contract/running-api.js';
import type { Answer } from './http.js';

/** @returns tells whether a request was answered without the framework since it was asked last */
export function watchAtOnce({ app }: Pick<RunningApi, 'app'>): () => boolean {
  const answer = jest.spyOn(app.get(CachedTokenReads), 'answer');
  return () => {
    const answered = answer.mock.results.at(-1)?.value === true;
    answer.mockClear();
    return answered;
  };
}

/** Everything of an answer but the time it was given and the id of its request. */
export function whole({ status, headers, text }: Answer) {
  return {
    status,
    text,
    headers: [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id').sort(),
  };
}
