import { consentRoutes } from '../../oauth/consent-routes.js';
import { readParameters } from '../../oauth/form-body.js';
import { errorPage } from '../../page/consent.page.js';
import type { Consent } from '../../world/consents.js';
import type { Desk } from '../desk.js';
import type { Issuer, ProviderReply, ProviderRequest } from '../issuer.js';
import { namedApplication } from './application-jwt.js';
import { bcAuthorize } from './bc-authorize.js';
import { camaraRoute } from './camara-resource.js';
import { demoApplication } from './demo-application.js';
import { failureBody, PERMISSION_DENIED } from './dialects.js';
import { AUTH_PATH, authQuery, networkEnablement } from './network-enablement.js';
import { NUMBER_VERIFICATION } from './scopes.js';
import { token } from './token.js';
import { vonageNetworkSwitches } from './vonage-network.switches.js';

/** Vonage Network APIs, vendor pages "Client Authentication" and "Network API Authentication". */
export function vonageNetwork(): Issuer {
  return {
    id: 'vonage-network',
    title: 'Vonage Network APIs',
    source: 'the vendor pages “Client Authentication” and “Network API Authentication”',
    quirks: [
      'The client authenticates with an application JWT behind Bearer at every call, never with anything in a body; x-sandbox-reason tells what was wrong with one.',
      'A JWT is honoured for 24 hours after iat at most, and its jti once (that it may not come twice is an assumption, and a switch).',
      'auth_url is this sandbox’s own and opaque: its redirect_uri and state are not the caller’s. The callback goes to the first redirect URI of the application.',
      'Which of the two states the callback echoes is unknown: a switch.',
      'A Network Enablement entry can be error-shaped inside a 200; its shape is an assumption.',
      'CIBA numbers may be strings, interval 0 or absent. A poll before its time gets slow_down and makes the interval 5 s longer; the first may come at once.',
      'A Number Verification token opens one door once; every other token serves one phone number.',
      'Errors speak OAuth, RFC 7807 or CAMARA. Which one an endpoint chooses is partly an assumption.',
      'The life of a code (300 s) and of a token (3600 s) are assumptions.',
      'Numbers without a persona approve at once over CIBA, and get the page in a browser.',
      'GET /_control/demo-application has an application with a private key to try things with.',
    ],
    seededClients: [demoApplication().client],
    switches: vonageNetworkSwitches,
    routes: [
      {
        kind: 'other',
        method: 'POST',
        path: '/v0.1/network-enablement',
        summary: 'Which auth_url a phone is to open, one for each scope.',
        handle: networkEnablement,
      },
      ...consentRoutes(AUTH_PATH, 'What auth_url points at: a persona’s answer or a page.', beginAuth),
      {
        kind: 'other',
        method: 'POST',
        path: '/oauth2/bc-authorize',
        summary: 'Starts CIBA for a phone number.',
        handle: bcAuthorize,
      },
      {
        kind: 'token',
        method: 'POST',
        path: '/oauth2/token',
        summary: 'Authorization code, or a CIBA poll.',
        handle: token,
      },
      camaraRoute(
        {
          path: '/camara/number-verification/v031/verify',
          apiScope: NUMBER_VERIFICATION,
          summary: 'Number Verification; takes a token once.',
          answer: (sameNumber) => ({ devicePhoneNumberVerified: sameNumber }),
        },
        true,
      ),
      camaraRoute(
        {
          path: '/camara/sim-swap/v040/check',
          apiScope: 'check-sim-swap',
          summary: 'SIM Swap; for the token’s own phone number only.',
          answer: () => ({ swapped: false }),
        },
        false,
      ),
    ],
    cannedReplies: {
      permission_denied: {
        status: 403,
        contentType: 'application/json; charset=utf-8',
        body: JSON.stringify(failureBody('camara', PERMISSION_DENIED)),
      },
      problem: {
        status: 400,
        contentType: 'application/problem+json',
        body: '{"type":"https://developer.vonage.com/api-errors#bad-request","title":"Bad Request","detail":"The request is not valid","instance":"5b1a8c6e-3c8e-4a7b-9f53-8d0f0f4e2c11"}',
      },
    },
    example: '{origin}/_control/demo-application',
    identify: namedApplication,
  };
}

/** The consent was opened by Network Enablement; here its URL must come back as it was handed out. */
function beginAuth(request: ProviderRequest, desk: Desk): Consent | ProviderReply {
  const state = readParameters(request.query).get('state') ?? '';
  const consent = desk.consents.find(desk.provider, state);
  if (consent === undefined || authQuery(consent.scope, state) !== request.query) {
    return errorPage('This is not an auth_url that was handed out, or it was used or is too old.');
  }
  return consent;
}
