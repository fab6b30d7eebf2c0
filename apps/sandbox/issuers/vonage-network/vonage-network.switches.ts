import { z } from 'zod';
import { codeSeconds, consentSwitches } from '../../oauth/consent-switches.js';

/** The page's example of an interval is short; tests make it shorter. */
const INTERVAL_SECONDS = 2;

export const vonageNetworkSwitches = z.strictObject({
  ...consentSwitches,
  code_seconds: codeSeconds(300),
  scopes_field: z
    .enum(['scopes', 'scope', 'either'])
    .default('scopes')
    .describe('Which member of a Network Enablement request holds the scopes: the page and the API differ.'),
  login_hint_prefix: z
    .enum(['tel:', '', 'either'])
    .default('tel:')
    .describe('What stands before the number in login_hint.'),
  callback_state: z
    .enum(['caller', 'vonage'])
    .default('caller')
    .describe('Whose state the callback carries: the one sent to Network Enablement, or that of auth_url.'),
  enablement_error: z
    .enum(['none', 'camara', 'oauth', 'problem'])
    .default('none')
    .describe('Makes every entry of a Network Enablement answer error-shaped, in this dialect.'),
  requires_carrier_network: z
    .boolean()
    .default(false)
    .describe('What every auth_url entry says, whatever the phone.'),
  ciba_interval: z
    .number()
    .min(0)
    .nullable()
    .default(INTERVAL_SECONDS)
    .describe('interval of bc-authorize; null leaves it out, and 5 is meant.'),
  ciba_expires_in: z.number().min(0).max(1e9).default(120).describe('expires_in of bc-authorize.'),
  ciba_numbers: z
    .enum(['number', 'string'])
    .default('number')
    .describe('Whether bc-authorize writes its numbers as JSON numbers or as strings.'),
  unauthorized_dialect: z
    .enum(['problem', 'oauth', 'camara'])
    .default('problem')
    .describe('How a bad application JWT is refused.'),
  jti_reuse: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('Whether one application JWT may come more than once.'),
});
