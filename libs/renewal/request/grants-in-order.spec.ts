import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { grantTraits, grantTypes } from '#provider-kit';
import { grantsInOrder, isRenewable } from './grants-in-order.js';

const token = (refreshToken: string | null) => ({
  accessToken: 'access',
  tokenType: 'Bearer',
  scope: null,
  refreshToken,
});

const nobody = { subject: null, requestedScope: null };
const refresh = { type: 'refresh_token', refreshToken: 'r' };

describe('grantsInOrder', () => {
  it('asks anew with client credentials, for the scope first asked for, whatever came with the last token', () => {
    const connection = { grant: 'client_credentials', subject: null, pending: null } as const;
    expect(grantsInOrder({ ...connection, requestedScope: null, token: null })).toEqual([
      { type: 'client_credentials' },
    ]);
    expect(grantsInOrder({ ...connection, requestedScope: 'a b', token: token('stray') })).toEqual([
      { type: 'client_credentials', scope: 'a b' },
    ]);
  });

  it.each(grantTypes.filter((grant) => grantTraits[grant].owner === 'user'))(
    'sends the refresh token of a connection made by %s, without a scope, and nothing else',
    (grant) => {
      const connection = { grant, subject: 'jane', requestedScope: 'a b', pending: null };
      expect(grantsInOrder({ ...connection, token: token('r') })).toEqual([refresh]);
      expect(grantsInOrder({ ...connection, token: token(null) })).toEqual([]);
      expect(grantsInOrder({ ...connection, token: null })).toEqual([]);
    },
  );

  it('falls back to a kept password behind the refresh token', () => {
    const kept = { ...token('r'), password: { username: 'u', password: 'p' } };
    expect(grantsInOrder({ ...nobody, grant: 'password', pending: null, token: kept })).toEqual([
      refresh,
      { type: 'password', username: 'u', password: 'p' },
    ]);
  });

  it('sends what waits to be exchanged before anything else, and only that', () => {
    const grant = { type: 'ciba', authReqId: 'x' } as const;
    const pending = { grant, intervalSeconds: 5, expired: false };
    expect(grantsInOrder({ ...nobody, grant: 'ciba', pending, token: token('r') })).toEqual([grant]);
  });

  it('finds something to send exactly where the tokens can be renewed without asking anybody', () => {
    const kept = fc.option(fc.constant({ username: 'u', password: 'p' }), { nil: undefined });
    const refreshTokens = fc.option(fc.string({ minLength: 1 }));
    fc.assert(
      fc.property(fc.constantFrom(...grantTypes), refreshTokens, kept, (grant, refreshToken, password) => {
        const contents = { ...token(refreshToken), ...(password && { password }) };
        const found = grantsInOrder({ ...nobody, grant, pending: null, token: contents });
        expect(found.length > 0).toBe(isRenewable(grant, contents));
        expect(new Set(found.map(({ type }) => type)).size).toBe(found.length);
      }),
    );
  });
});
