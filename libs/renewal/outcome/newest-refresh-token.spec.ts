import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { readTokenEndpointResponse } from '#oauth-http';
import type { RotationMode, TokenGrant } from '#provider-kit';
import { contentsAfter } from './contents-after.js';
import { refreshTokenAfter } from './unread-answers.js';

const runs = 10_000;

/** Members that say nothing about an error, and none that could be a token. */
const name = fc
  .stringMatching(/^[a-z]{1,8}$/)
  .filter((word) => !/error|code|message|title|status|ok|success/.test(word));
const filler = fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), {
  maxKeys: 3,
});
const lifetime = fc.constantFrom(3_600, '3600', undefined, null, 'soon', {}, -1, 9e18);
const type = fc.constantFrom('Bearer', 'bearer', undefined, null, 'bot', 7, []);
const spelled = fc.constantFrom('refresh_token', 'refresh_token', 'refreshToken');
/** Where the tokens stand: at the top, or within so many members and lists. */
const nesting = fc.array(fc.oneof(name, fc.constant(0)), { maxLength: 3 });
const writing = fc.constantFrom('json', 'json', 'form', 'cut off');

const shape = fc.record({ filler, lifetime, type, spelled, nesting, writing, accessToken: fc.boolean() });
type Shape = typeof shape extends fc.Arbitrary<infer Value> ? Value : never;

function bodyOf(shape: Shape, accessToken: string, refreshToken: string): string {
  const { filler: others, lifetime: expires_in, type: token_type, spelled: member, nesting: path } = shape;
  const tokens = {
    ...others,
    [member]: refreshToken,
    ...(shape.accessToken ? { access_token: accessToken } : {}),
    token_type,
    expires_in,
  };
  if (shape.writing === 'form') return new URLSearchParams({ [member]: refreshToken, kind: 'x' }).toString();
  const body = path.reduceRight<unknown>(
    (inner, at) => (at === 0 ? [inner] : { ...others, [at]: inner }),
    tokens,
  );
  const text = JSON.stringify(body);
  return shape.writing === 'cut off'
    ? text.slice(0, text.indexOf(refreshToken) + refreshToken.length + 1)
    : text;
}

/** A server that takes its newest refresh token only. */
class StrictServer {
  newest = 'rt-0';
  ended = false;
  private issued = 0;

  answer(grant: TokenGrant, shape: Shape): string {
    if (grant.type === 'refresh_token' && grant.refreshToken !== this.newest) this.ended = true;
    this.issued += 1;
    this.newest = `rt-${this.issued}`;
    return bodyOf(shape, `at-${this.issued}`, this.newest);
  }
}

const firstGrants: readonly TokenGrant[] = [
  { type: 'authorization_code', code: 'c', redirectUri: 'https://a.example' },
  { type: 'password', username: 'u', password: 'p' },
  { type: 'ciba', authReqId: 'q' },
  { type: 'refresh_token', refreshToken: 'rt-0' },
];

/** The refresh token that is sent next after this answer. Crashes on the way: `unread-answer.int-spec.ts`. */
function nextAfter(
  body: string,
  grant: TokenGrant,
  before: string | null,
  rotation: RotationMode,
): string | null {
  const client = { clientId: 'client-1', settings: {} };
  const outcome = readTokenEndpointResponse(
    { status: 200, contentType: 'application/json', body },
    { assumedLifetimeSeconds: null, context: { grant: grant.type, client } },
  );
  const connection = {
    ...{ pending: null, token: null, scope: null, requestedScope: null, account: null },
    ...({ status: 'active', grant: 'authorization_code' } as const),
  };
  if (outcome.kind === 'tokens')
    return contentsAfter({ tokens: outcome.tokens, grant }, connection).refreshToken;
  if (outcome.kind !== 'unreadable') return before;
  return refreshTokenAfter(before, outcome.refreshToken, rotation === 'strict');
}

describe('the newest refresh token', () => {
  it('is the next one sent whatever the answer, and an older one never is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('none', 'grace', 'confirm_on_use', 'strict'),
        fc.constantFrom(...firstGrants),
        fc.array(shape, { minLength: 1, maxLength: 6 }),
        (rotation, first, answers) => {
          const server = new StrictServer();
          let grant: TokenGrant = first;
          let before: string | null = null;
          for (const one of answers) {
            const next = nextAfter(server.answer(grant, one), grant, before, rotation);
            // An `expect` takes longer than all the rest.
            if (next !== server.newest) return false;
            before = next;
            grant = { type: 'refresh_token', refreshToken: next };
          }
          return !server.ended;
        },
      ),
      { numRuns: runs },
    );
  });
});
