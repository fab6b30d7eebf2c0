import { beginConsent } from '../../oauth/authorization-request.js';
import { namedClientId } from '../../oauth/client-id.js';
import { consentRoutes } from '../../oauth/consent-routes.js';
import { LOOPBACK_URIS } from '../../oauth/redirect-uris.js';
import { jsonReply } from '../../oauth/replies.js';
import { bearerResource } from '../../oauth/resource.js';
import type { Desk } from '../desk.js';
import type { Issuer, ProviderReply, ProviderRequest } from '../issuer.js';
import { net2phoneCanadaSwitches } from './net2phone-canada.switches.js';
import { token } from './token.js';

const TOKEN_PATH = '/api/oauth/token/';

/** Net2Phone Canada (Versature), vendor page "OAuth 2.0 Authentication". */
export function net2phoneCanada(): Issuer {
  return {
    id: 'net2phone-canada',
    title: 'Net2Phone Canada',
    source: 'the vendor page “OAuth 2.0 Authentication”',
    quirks: [
      'The trailing slash belongs to the token path. Without it the answer is a 301, and a client that follows turns its POST into a GET and gets 405.',
      'The client stands in the body; HTTP Basic is not looked at.',
      'expires_in is 3599, and expires is UTC with microseconds but no zone.',
      'scope is the name of a role, "Office Manager", blank included.',
      'The page has two authorization paths; both work, with and without state.',
      'A code lives 60 seconds, once, with the redirect URI of its request. A refresh token lives 90 days and does not rotate.',
      'A refresh may come with or without client_secret. Sending scope with it is invalid_scope: a role cannot be asked for.',
      'The page shows no error bodies: invalid_request, invalid_client (401) and unsupported_grant_type are assumptions after RFC 6749.',
      'The resource path is a stand-in: the page names none.',
    ],
    seededClients: [
      {
        clientId: '0123456789',
        secrets: ['0123456789012345678901234567890'],
        publicKeys: [],
        redirectUris: ['https://www.example.com/callback/', ...LOOPBACK_URIS],
      },
    ],
    switches: net2phoneCanadaSwitches,
    routes: [
      {
        kind: 'token',
        method: 'POST',
        path: TOKEN_PATH,
        summary: 'Client credentials, authorization code, refresh.',
        handle: token,
      },
      {
        kind: 'other',
        method: 'POST',
        path: TOKEN_PATH.slice(0, -1),
        summary: 'Without the slash: a redirect that loses the POST.',
        handle: appendSlash,
      },
      {
        kind: 'other',
        method: 'GET',
        path: TOKEN_PATH,
        summary: 'What a client meets that followed the redirect.',
        handle: methodNotAllowed,
      },
      ...consentRoutes('/api/oauth/authorize/', 'Asks a user.', authorize),
      ...consentRoutes('/oauth/authorize/', 'Asks a user; the other path of the page.', authorize),
      {
        kind: 'resource',
        method: 'GET',
        path: '/api/users/',
        summary: 'Opens to a live token of this provider.',
        handle: bearerResource,
      },
    ],
    cannedReplies: {
      bad_gateway: {
        status: 502,
        contentType: 'text/html',
        body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
      },
    },
    example: `-d grant_type=client_credentials -d client_id=0123456789 -d client_secret=0123456789012345678901234567890 {origin}${TOKEN_PATH}`,
    identify: (request) => namedClientId({ ...request, headers: {} }),
  };
}

function authorize(request: ProviderRequest, desk: Desk) {
  return beginConsent(request, desk, { switches: desk.switches(net2phoneCanadaSwitches) });
}

/** The answer of a Django server with APPEND_SLASH; that the vendor runs one is an assumption. */
function appendSlash(): ProviderReply {
  return {
    status: 301,
    headers: { 'content-type': 'text/html; charset=utf-8', location: TOKEN_PATH },
    body: '',
  };
}

function methodNotAllowed(): ProviderReply {
  return jsonReply(405, { detail: 'Method "GET" not allowed.' }, { allow: 'POST' });
}
