import { createHash, randomBytes } from 'node:crypto';
import { useSandbox } from '../../sandbox.spec-support.js';

export const GENERIC = 'generic-oauth2';
export const CLIENT_ID = 'generic-client';
export const BASIC = {
  authorization: `Basic ${Buffer.from(`${CLIENT_ID}:generic-secret`).toString('base64')}`,
};
export const CALLBACK = 'http://127.0.0.1:3000/v1/callback/a/b';

export interface Family {
  readonly revoked_because: string | null;
  readonly refresh_tokens: readonly {
    readonly refresh_token: string;
    readonly state: string;
    readonly presented: number;
    readonly spent: number;
  }[];
}

export function useGeneric() {
  const sandbox = useSandbox();

  async function authorize(more: Record<string, string> = {}) {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: CLIENT_ID,
      redirect_uri: CALLBACK,
      scope: 'read write',
      state: 'a-state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      login_hint: 'ada',
      ...more,
    });
    const { sentTo } = await sandbox.browse(`/generic/authorize?${query}`);
    return { sentTo, verifier, code: sentTo.searchParams.get('code') ?? '' };
  }

  const token = (parameters: Record<string, string>, headers: Record<string, string> = BASIC) =>
    sandbox.post('/generic/token', parameters, headers);
  const exchange = (code: string, verifier: string, more: Record<string, string> = {}) =>
    token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      ...more,
    });

  return {
    ...sandbox,
    authorize,
    token,
    exchange,
    refresh: (refreshToken: string, more: Record<string, string> = {}) =>
      token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...more }),
    /** The tokens of a new grant. */
    connect: async () => {
      const { code, verifier } = await authorize();
      return (await exchange(code, verifier)).json();
    },
    familyOf: async (refreshToken: string): Promise<Family> =>
      (await sandbox.get(`/_control/grants?refresh_token=${refreshToken}`)).json().items[0],
    opens: async (accessToken: string) =>
      (await sandbox.bearer('/generic/userinfo', accessToken)).status === 200,
  };
}
