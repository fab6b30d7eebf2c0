import { z } from 'zod';
import type { Grant } from './grant.js';
import { linkTtlField, returnUrlField, scopeField } from './grant-fields.js';

interface AuthorizationCodeRequest {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier?: string;
}

const fields = z.strictObject({ scope: scopeField, return_url: returnUrlField, link_ttl: linkTtlField });

/** RFC 6749 §4.1, with PKCE (RFC 7636 §4.5). */
export const authorizationCodeGrant: Grant<AuthorizationCodeRequest, typeof fields> = {
  traits: {
    consent: 'browser',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: false,
    singleUse: 'always',
    polled: false,
    // A server that has seen the code may revoke what it gave for it (RFC 6749 §4.1.2).
    unknownIsFinal: true,
  },
  fields,
  secrets: ({ code, codeVerifier }) => [code, codeVerifier],
  form: ({ code, redirectUri, codeVerifier }) => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  }),
};
