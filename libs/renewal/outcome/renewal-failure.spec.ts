import { describe, expect, it } from '@jest/globals';
import { failureCodes, UpstreamError } from '#provider-kit';
import { VaultError } from '#vault';
import { fromError, fromProvider } from './renewal-failure.js';

describe('fromError', () => {
  it('takes the class from the code, and from whether anything was sent', () => {
    expect(fromError(new UpstreamError('upstream_timeout', true, 'host'))).toEqual({
      code: 'upstream_timeout',
      class: 'unknown',
      remedy: failureCodes.upstream_timeout.remedy,
    });
    expect(fromError(new UpstreamError('upstream_timeout', false, 'host')).class).toBe('transient');
  });

  it.each(['cannot_open', 'unknown_key'] as const)('makes of %s something that an admin can mend', (code) => {
    expect(fromError(new VaultError(code))).toEqual({
      code: 'secret_unreadable',
      ...failureCodes.secret_unreadable,
    });
  });

  it.each([new Error('our own mistake'), new VaultError('duplicate'), 'not even an error'])(
    'lets anything else through: it says nothing about the provider (%p)',
    (error) => {
      expect(() => fromError(error)).toThrow();
    },
  );
});

describe('fromProvider', () => {
  it('adds the remedy', () => {
    expect(
      fromProvider({
        code: 'rate_limited',
        class: 'transient',
        status: 429,
        retryAfterSeconds: 7,
        providerError: 'slow',
      }),
    ).toEqual({
      code: 'rate_limited',
      class: 'transient',
      status: 429,
      retryAfterSeconds: 7,
      providerError: 'slow',
      remedy: failureCodes.rate_limited.remedy,
    });
  });
});
