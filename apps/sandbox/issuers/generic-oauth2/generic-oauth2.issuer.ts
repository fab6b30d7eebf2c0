import { consentRoutes } from '../../oauth/consent-routes.js';
import { readParameters } from '../../oauth/form-body.js';
import { LOOPBACK_URIS } from '../../oauth/redirect-uris.js';
import { JSON_TYPE, jsonReply } from '../../oauth/replies.js';
import { bearerResource } from '../../oauth/resource.js';
import type { Issuer } from '../issuer.js';
import { authorize } from './authorize.js';
import { bcAuthorize } from './bc-authorize.js';
import { namedClient } from './client-authentication.js';
import * as endpoints from './endpoints.js';
import { genericOauth2Switches } from './generic-oauth2.switches.js';
import { metadata } from './metadata.js';
import { revoke } from './revoke.js';
import { token } from './token.js';

const SEEDED_SECRET = 'generic-secret';

/** Nobody's server in particular: the RFCs, with every mode of refresh token rotation. */
export function genericOauth2(): Issuer {
  return {
    id: 'generic-oauth2',
    title: 'Any OAuth 2.0 server',
    source: 'RFC 6749, 7009, 7523, 7636, 8414, 9207 and OpenID Connect CIBA Core',
    quirks: [
      'Refresh tokens rotate as the switch rotation says; GET /_control/grants shows each family and how often each token was spent.',
      'Clients authenticate by client_secret_basic (form-encoded), client_secret_post, private_key_jwt (RS256) or, when registered without secret and key, none.',
      'A code that comes again takes back the grant it gave.',
      'login_hint, and the sandbox’s own parameter persona, let a persona answer at the authorization endpoint.',
      'There are no ID tokens; the key set is empty.',
    ],
    seededClients: [
      { clientId: 'generic-client', secrets: [SEEDED_SECRET], publicKeys: [], redirectUris: LOOPBACK_URIS },
    ],
    switches: genericOauth2Switches,
    routes: [
      {
        kind: 'other',
        method: 'GET',
        path: endpoints.METADATA_PATH,
        summary: 'Metadata (RFC 8414).',
        handle: metadata,
      },
      {
        kind: 'other',
        method: 'GET',
        path: endpoints.OIDC_METADATA_PATH,
        summary: 'Metadata (OpenID Connect Discovery).',
        handle: metadata,
      },
      ...consentRoutes(endpoints.AUTHORIZE_PATH, 'Asks a user; PKCE.', authorize),
      {
        kind: 'token',
        method: 'POST',
        path: endpoints.TOKEN_PATH,
        summary: 'Client credentials, authorization code, refresh, CIBA poll.',
        handle: token,
      },
      {
        kind: 'other',
        method: 'POST',
        path: endpoints.BACKCHANNEL_PATH,
        summary: 'Starts CIBA.',
        handle: bcAuthorize,
      },
      {
        kind: 'other',
        method: 'POST',
        path: endpoints.REVOKE_PATH,
        summary: 'Revocation (RFC 7009).',
        handle: revoke,
      },
      {
        kind: 'other',
        method: 'GET',
        path: endpoints.JWKS_PATH,
        summary: 'An empty key set.',
        handle: () => jsonReply(200, { keys: [] }),
      },
      {
        kind: 'resource',
        method: 'GET',
        path: endpoints.RESOURCE_PATH,
        summary: 'Opens to a live token of this provider.',
        handle: bearerResource,
      },
    ],
    cannedReplies: {
      temporarily_unavailable: {
        status: 503,
        contentType: JSON_TYPE,
        body: '{"error":"temporarily_unavailable"}',
      },
    },
    example: `-u generic-client:${SEEDED_SECRET} -d grant_type=client_credentials -d scope=read {origin}${endpoints.TOKEN_PATH}`,
    identify: (request) => namedClient(request) ?? readParameters(request.query).get('client_id'),
  };
}
