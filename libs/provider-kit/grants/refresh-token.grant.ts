import { z } from 'zod';
import type { Grant } from './grant.js';
import { scopeField, secretField } from './grant-fields.js';

interface RefreshTokenRequest {
  readonly refreshToken: string;
  /** For servers that want it on a refresh; the form of the standard is without. */
  readonly scope?: string;
}

const fields = z.strictObject({ scope: scopeField, refresh_token: secretField });

/** RFC 6749 §6. As the grant of a connection: a refresh token that was obtained elsewhere, imported. */
export const refreshTokenGrant: Grant<RefreshTokenRequest, typeof fields> = {
  traits: {
    consent: 'none',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: false,
    singleUse: 'where_rotating',
    polled: false,
    unknownIsFinal: false,
    issuedWithTokens: true,
  },
  fields,
  secrets: ({ refreshToken }) => [refreshToken],
  // RFC 6749 §6: without one, the scope stays what it was. The one that came with the token may be no list of scopes.
  form: ({ refreshToken }) => ({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  // Without a scope: what was granted elsewhere stays as it is.
  fromFields: ({ refresh_token: refreshToken }) => ({ refreshToken }),
};
