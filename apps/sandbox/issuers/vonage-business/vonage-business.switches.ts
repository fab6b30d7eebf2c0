import { z } from 'zod';
import { codeSeconds, consentSwitches } from '../../oauth/consent-switches.js';

const WEEK_SECONDS = 7 * 86_400;

export const vonageBusinessSwitches = z.strictObject({
  ...consentSwitches,
  code_seconds: codeSeconds(300),
  asking_again: z
    .enum(['same', 'replace'])
    .default('same')
    .describe(
      'Asking again for the same client, user and scope: the token there is with what is left of it, or a new one that kills it.',
    ),
  refresh_token: z
    .enum(['rotate', 'same', 'omit'])
    .default('rotate')
    .describe('What a refresh answers: a new refresh token, the old one once more, or none (and keeps it).'),
  refresh_token_seconds: z
    .number()
    .min(0)
    .max(1e9)
    .default(WEEK_SECONDS)
    .describe('How long a refresh token lives unused, in seconds.'),
  refused_grant_types: z
    .array(z.string())
    .default([])
    .describe('Grant types the application is not subscribed to: unauthorized_client.'),
});
