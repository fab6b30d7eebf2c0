import { z } from 'zod';
import { codeSeconds, consentSwitches } from '../../oauth/consent-switches.js';

const MONTH_SECONDS = 30 * 86_400;

export const genericOauth2Switches = z.strictObject({
  ...consentSwitches,
  code_seconds: codeSeconds(60),
  pkce: z
    .enum(['required', 'optional'])
    .default('required')
    .describe('Whether an authorization request must carry a code_challenge (S256).'),
  rotation: z
    .enum(['none', 'strict', 'grace', 'confirm_on_use'])
    .default('strict')
    .describe(
      'Refresh tokens: kept; replaced, and reuse revokes the family; replaced, the old one works on for grace_seconds; replaced, the old one works until the new one is used.',
    ),
  grace_seconds: z.number().min(0).max(1e9).default(30).describe('For rotation grace.'),
  refresh_token: z.boolean().default(true).describe('Whether a code or CIBA answers with a refresh token.'),
  refresh_token_seconds: z
    .number()
    .min(0)
    .max(1e9)
    .default(MONTH_SECONDS)
    .describe('Life of each refresh token from its own issue, in seconds.'),
  access_token_seconds: z.number().min(0).max(1e9).default(3600).describe('expires_in.'),
  callback_iss: z.boolean().default(true).describe('Whether callbacks carry iss (RFC 9207).'),
  ciba_interval: z
    .number()
    .min(0)
    .nullable()
    .default(5)
    .describe('interval of bc-authorize; null leaves it out, and 5 is meant.'),
  ciba_expires_in: z.number().min(0).max(1e9).default(120).describe('expires_in of bc-authorize.'),
});
