import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FailureCode, failureCodes, grantTypes, type TokenGrant } from '#provider-kit';
import { connectionStatuses, type PendingGrantContents, type TokenContents } from '#vault';
import { classifyForGrant } from './classify-for-grant.js';
import { grantSurvives, statusAfter } from './failure-outcome.js';

const text = fc.string({ minLength: 1, maxLength: 5 });
const failures = fc
  .constantFrom(...(Object.keys(failureCodes) as FailureCode[]))
  .map((code) => ({ code, ...failureCodes[code] }));
const lasting = failures.filter((failure) => failure.class !== 'terminal');
const final = failures.filter((failure) => failure.class === 'terminal');

const tokens: fc.Arbitrary<TokenContents> = fc.record(
  {
    accessToken: text,
    tokenType: fc.constant('Bearer'),
    scope: fc.option(text),
    refreshToken: fc.option(text),
    password: fc.record({ username: text, password: text }),
  },
  { requiredKeys: ['accessToken', 'tokenType', 'scope', 'refreshToken'] },
);
const pendingCode = {
  grant: { type: 'authorization_code', code: 'c', redirectUri: 'https://a.example/' },
} as PendingGrantContents;
const connections = fc.record({
  status: fc.constantFrom(...connectionStatuses),
  grant: fc.constantFrom(...grantTypes),
  pending: fc.option(fc.constant({ ...pendingCode, intervalSeconds: null, expired: false })),
  token: fc.option(tokens),
});
const living = connections.filter(({ status }) => status === 'active' || status === 'degraded');
const renewed = fc.record({ generation: fc.integer({ min: 1, max: 1_000 }) });
const claims = fc.record({ generation: fc.nat(1_000) });

describe('statusAfter', () => {
  it('never ends a grant for what may pass, not even when nothing could be read of the connection', () => {
    fc.assert(
      fc.property(lasting, claims, fc.option(living), (failure, claim, connection) => {
        expect(statusAfter(failure, claim, connection)).toBe(claim.generation === 0 ? 'pending' : 'degraded');
      }),
    );
  });

  it('never brings back what has ended, whatever fails', () => {
    const ended = connections.filter(({ status }) => status === 'reauthorization_required');
    fc.assert(
      fc.property(failures, renewed, ended, (failure, claim, connection) => {
        expect(statusAfter(failure, claim, connection)).toBe(connection.status);
        expect(grantSurvives(failure, connection)).toBe(false);
      }),
    );
  });

  it('ends a grant for good when it was the one that was sent', () => {
    fc.assert(
      fc.property(final, renewed, living, (failure, claim, connection) => {
        const sent = { ...connection, pending: null };
        expect(statusAfter(failure, claim, sent)).toBe('reauthorization_required');
        expect(grantSurvives(failure, sent)).toBe(false);
      }),
    );
  });

  it('leaves a grant that can be renewed as it was, and due, when a new authorisation has failed', () => {
    fc.assert(
      fc.property(final, renewed, living, tokens, text, (failure, claim, connection, token, refreshToken) => {
        const both = {
          ...connection,
          token: { ...token, refreshToken },
          pending: { ...pendingCode, intervalSeconds: null, expired: true },
        };
        expect(statusAfter(failure, claim, both)).toBe(connection.status);
        expect(grantSurvives(failure, both)).toBe(true);
      }),
    );
  });
});

describe('classifyForGrant', () => {
  const grants = fc.constantFrom<TokenGrant>(
    { type: 'refresh_token', refreshToken: 'r' },
    { type: 'client_credentials' },
    { type: 'password', username: 'u', password: 'p' },
    { type: 'ciba', authReqId: 'a' },
    { type: 'authorization_code', code: 'c', redirectUri: 'https://a.example/' },
  );

  it('gives up nothing but a code whose fate nobody knows', () => {
    fc.assert(
      fc.property(failures, grants, (failure, grant) => {
        const lost = grant.type === 'authorization_code' && failure.class === 'unknown';
        expect(classifyForGrant(failure, grant)).toEqual(lost ? { ...failure, class: 'terminal' } : failure);
      }),
    );
  });
});
