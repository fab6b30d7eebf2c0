import { z } from 'zod';
import { codeSeconds, consentSwitches } from '../../oauth/consent-switches.js';

const REFRESH_TOKEN_SECONDS = 90 * 86_400;

export const net2phoneCanadaSwitches = z.strictObject({
  ...consentSwitches,
  code_seconds: codeSeconds(60),
  code_refresh_token: z
    .boolean()
    .default(true)
    .describe('Whether a code answers with a refresh_token: the prose of the page has one, its example not.'),
  refresh_client_auth: z
    .enum(['either', 'secret', 'id_only'])
    .default('either')
    .describe(
      'What a refresh takes: client_id with or without client_secret, only with it, only without it.',
    ),
  refresh_token_seconds: z
    .number()
    .min(0)
    .max(1e9)
    .default(REFRESH_TOKEN_SECONDS)
    .describe('Life of a refresh token, which using it does not lengthen, in seconds.'),
});
