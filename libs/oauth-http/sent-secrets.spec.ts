import { describe, expect, it } from '@jest/globals';
import { type RawResponse, responseContext, type TokenGrant } from '#provider-kit';
import { readTokenEndpointResponse } from './token-response.reader.js';

const client = {
  clientId: 'client-1',
  settings: {},
  secret: { kind: 'client_secret', value: 'S3' },
} as const;

const grants: [TokenGrant, string][] = [
  [{ type: 'refresh_token', refreshToken: 'a8Fk2Lq9xZ' }, 'a8Fk2Lq9xZ'],
  [{ type: 'refresh_token', refreshToken: 'rt' }, 'rt'],
  [{ type: 'refresh_token', refreshToken: 'a+/b=' }, 'a%2B%2Fb%3D'],
  [{ type: 'authorization_code', code: 'c0de', redirectUri: 'https://a.example' }, 'c0de'],
  [{ type: 'authorization_code', code: 'c', redirectUri: 'r', codeVerifier: 'v3rf' }, 'v3rf'],
  [{ type: 'password', username: 'u', password: 'pa wo' }, 'pa wo'],
  [{ type: 'password', username: 'u', password: 'pa wo' }, 'pa+wo'],
  [{ type: 'ciba', authReqId: 'Q7' }, 'Q7'],
  [{ type: 'client_credentials' }, 'S3'],
];

describe('the words of a provider', () => {
  it.each(grants)('of %j are without %s (h01)', (grant, secret) => {
    const body = { error: `x ${secret} y`, error_description: `grant ${secret} of client-1 is busy` };
    const response: RawResponse = { status: 400, contentType: '', body: JSON.stringify(body) };
    const outcome = readTokenEndpointResponse(response, {
      assumedLifetimeSeconds: null,
      context: responseContext(client, grant),
    });
    expect(outcome).toMatchObject({
      failure: {
        providerError: 'x [redacted] y',
        providerErrorDescription: 'grant [redacted] of [redacted] is busy',
      },
    });
  });
});
