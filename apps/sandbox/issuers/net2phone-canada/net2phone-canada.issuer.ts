import { jsonReply } from '../../oauth/replies.js';
import { bearerResource } from '../../oauth/resource.js';
import type { Issuer, ProviderReply } from '../issuer.js';
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
      'The page shows no error bodies: invalid_request, invalid_client (401) and unsupported_grant_type are assumptions after RFC 6749.',
      'The resource path is a stand-in: the page names none.',
    ],
    seededClients: { '0123456789': '0123456789012345678901234567890' },
    routes: [
      {
        kind: 'token',
        method: 'POST',
        path: TOKEN_PATH,
        summary: 'Client credentials.',
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
    identify: (request) => request.form?.get('client_id'),
  };
}

/** What a Django server with APPEND_SLASH answers; that the vendor runs one is an assumption. */
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
