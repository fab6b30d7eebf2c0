import { genericOauth2 } from './generic-oauth2/generic-oauth2.issuer.js';
import type { Issuer } from './issuer.js';
import { net2phoneCanada } from './net2phone-canada/net2phone-canada.issuer.js';
import { vonageBusiness } from './vonage-business/vonage-business.issuer.js';
import { vonageContactCenter } from './vonage-contact-center/vonage-contact-center.issuer.js';
import { vonageNetwork } from './vonage-network/vonage-network.issuer.js';

/** Injection token of the issuers of one running sandbox. */
export const ISSUERS = Symbol('ISSUERS');

/** The only list of simulated providers. Each sandbox gets its own, so that two in one process share nothing. */
export function createIssuers(): readonly Issuer[] {
  return [vonageContactCenter(), net2phoneCanada(), vonageBusiness(), vonageNetwork(), genericOauth2()];
}

/** Providers that the sandbox stands in for: all but the generic one, whose address is a setting of each credential. */
export function simulatedProviders(): string[] {
  return createIssuers()
    .map(({ id }) => id)
    .filter((id) => id !== 'generic-oauth2');
}
