import { z } from 'zod';
import type { Grant } from './grant.js';
import { scopeField, secretField } from './grant-fields.js';

interface RefreshTokenRequest {
  readonly refreshToken: string;
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
  form: ({ refreshToken, scope }) => ({ grant_type: 'refresh_token', refresh_token: refreshToken, scope }),
  // Without a scope: what was granted elsewhere stays as it is.
  fromFields: ({ refresh_token: refreshToken }) => ({ refreshToken }),
};
