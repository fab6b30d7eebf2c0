import { z } from 'zod';
import { namedClientId } from '../../oauth/client-id.js';
import { JSON_TYPE } from '../../oauth/replies.js';
import { bearerResource } from '../../oauth/resource.js';
import type { Issuer } from '../issuer.js';
import { currentToken } from './current-token.js';
import { legacyToken } from './legacy-token.js';

/** Vonage Contact Center (NewVoiceMedia), vendor page "Getting a bearer access token". */
export function vonageContactCenter(): Issuer {
  return {
    id: 'vonage-contact-center',
    title: 'Vonage Contact Center',
    source: 'the vendor page “Getting a bearer access token”; the current generation after public clients',
    quirks: [
      'HTTP Basic is the raw id:secret in base64: form-encoding it first fails once the secret has + / =.',
      'The client may stand in the form instead, form-encoded as usual; in both places at once is invalid_request.',
      'An unknown client and a wrong secret get the same words.',
      'Legacy: expires_in 300, token_type in lower case, and every ill-formed request is a bare invalid_request.',
      'Current generation: scope is required, expires_in is 7200. Its member order, its echo of scope and its 401 are assumptions.',
      'There is no refresh token: renewing is asking again.',
      'The resource path is a stand-in: the page names none.',
    ],
    seededClients: [
      account('a1b2c3d4e5', '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y='),
      account('lmccg0ujju2', '6lBJodbA0+cAywhyLvhOBo4QfTFO5t6/2B/QetQgw5Y='),
    ],
    switches: z.strictObject({}),
    routes: [
      {
        kind: 'token',
        method: 'POST',
        path: '/v:version(^\\d+$)/oauth2/token',
        summary: 'Client credentials, legacy generation; any version number.',
        handle: legacyToken,
      },
      {
        kind: 'token',
        method: 'POST',
        path: '/Auth/connect/token',
        summary: 'Client credentials, current generation.',
        handle: currentToken,
      },
      {
        kind: 'resource',
        method: 'GET',
        path: '/useradmin/users',
        summary: 'Opens to a live token of this provider.',
        handle: bearerResource,
      },
    ],
    cannedReplies: {
      internal_server_error: {
        status: 500,
        contentType: JSON_TYPE,
        body: '{"error":"Internal Server Error"}',
      },
      message: { status: 403, contentType: JSON_TYPE, body: '{"message":"Forbidden"}' },
    },
    example:
      "-d grant_type=client_credentials -u 'a1b2c3d4e5:9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=' {origin}/v0/oauth2/token",
    identify: namedClientId,
  };
}

function account(clientId: string, secret: string) {
  return { clientId, secrets: [secret], publicKeys: [], redirectUris: [] };
}
