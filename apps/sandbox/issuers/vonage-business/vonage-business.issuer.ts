import { beginConsent } from '../../oauth/authorization-request.js';
import { namedClientId } from '../../oauth/client-id.js';
import { consentRoutes } from '../../oauth/consent-routes.js';
import { LOOPBACK_URIS } from '../../oauth/redirect-uris.js';
import { JSON_TYPE } from '../../oauth/replies.js';
import { bearerResource } from '../../oauth/resource.js';
import type { Issuer } from '../issuer.js';
import { revoke } from './revoke.js';
import { token } from './token.js';
import { vonageBusinessSwitches } from './vonage-business.switches.js';

const SEEDED_KEY = 'vbc-consumer-key';
const SEEDED_SECRET = 'vbc-consumer-secret';

/** Vonage Business Communications, vendor page "Authenticating to the Vonage Business Communications APIs". */
export function vonageBusiness(): Issuer {
  return {
    id: 'vonage-business',
    title: 'Vonage Business Communications',
    source: 'the vendor page “Authenticating to the Vonage Business Communications APIs”',
    quirks: [
      'The client stands in HTTP Basic for a code, in the body for password and refresh, never in both. That the other place is refused is an assumption.',
      'A user name ends in @vbc.prod, once: ada@example.com@vbc.prod is right, ada@vbc.prod@vbc.prod is not.',
      'One live token per client, user and scope, as WSO2 API Manager has it (an assumption for this provider): asking again gets the same one with the remaining expires_in, or kills it.',
      'A refresh kills the former access token and names it in the header DeactivatedAccessToken. Refreshes of one token that overlap answer 500, but for the first.',
      'The id_token is no JWT at all. A code answers without one, and with scope "default", as the page’s example does.',
      'Refresh tokens live seven days unused. They rotate; whether the vendor’s do is unknown: a switch.',
      'A token without expiry has an expires_in near 2^63: the behaviour {"expires_in": 9223372036854775807}.',
      'The description of invalid_client echoes the client id.',
      'The life of a code (300 s), the revocation path and the resource path are assumptions.',
    ],
    seededClients: [
      {
        clientId: SEEDED_KEY,
        secrets: [SEEDED_SECRET],
        publicKeys: [],
        redirectUris: ['http://localhost', ...LOOPBACK_URIS],
      },
    ],
    switches: vonageBusinessSwitches,
    routes: [
      ...consentRoutes('/authorize', 'Asks a user.', (request, desk) =>
        beginConsent(request, desk, {
          switches: desk.switches(vonageBusinessSwitches),
          refuse: (query) => (query.get('scope') === 'openid' ? undefined : 'invalid_scope'),
        }),
      ),
      {
        kind: 'token',
        method: 'POST',
        path: '/token',
        summary: 'Authorization code, password, refresh.',
        handle: token,
      },
      { kind: 'other', method: 'POST', path: '/revoke', summary: 'Takes a token back.', handle: revoke },
      {
        kind: 'resource',
        method: 'GET',
        path: '/t/vbc.prod/account/v1/api/accounts/self',
        summary: 'Opens to a live token of this provider.',
        handle: bearerResource,
      },
    ],
    cannedReplies: {
      server_error: {
        status: 500,
        contentType: JSON_TYPE,
        body: '{"error_description":"Internal Server Error.","error":"server_error"}',
      },
      throttled: {
        status: 429,
        contentType: JSON_TYPE,
        body: '{"fault":{"code":900800,"message":"Message throttled out","description":"You have exceeded your quota"}}',
      },
    },
    example: `-d grant_type=password -d scope=openid --data-urlencode username=ada@vbc.prod -d password=sandbox-password -d client_id=${SEEDED_KEY} -d client_secret=${SEEDED_SECRET} {origin}/token`,
    identify: namedClientId,
  };
}
