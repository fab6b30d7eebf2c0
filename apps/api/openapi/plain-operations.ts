import { batchOperation } from '../token/batch/batch.openapi.js';
import { batchPath } from '../token/batch/batch.routes.js';
import { forwardAuthOperation } from '../token/forward-auth/forward-auth.openapi.js';
import { forwardAuthPath } from '../token/forward-auth/forward-auth.routes.js';
import {
  connectionTokenEndpointOperation,
  tokenEndpointOperation,
} from '../token/oauth2/token-endpoint.openapi.js';
import { connectionTokenEndpointPath, tokenEndpointPath } from '../token/oauth2/token-endpoint.routes.js';
import { tokenOperation } from '../token/token.openapi.js';
import { tokenPath } from '../token/token-path.js';

type Operations = Readonly<Record<string, Readonly<Record<string, object>>>>;

/**
 * Operations of the routes that Nest does not know, by path and method.
 * @param hasPage whether the document is there for people too
 */
export function plainOperations(hasPage: boolean): Operations {
  return {
    [tokenPath]: { get: tokenOperation },
    [batchPath]: { post: batchOperation },
    [forwardAuthPath]: { get: forwardAuthOperation },
    [tokenEndpointPath]: { post: tokenEndpointOperation },
    [connectionTokenEndpointPath]: { post: connectionTokenEndpointOperation },
    '/': { get: { ...about('To the console'), responses: { 302: toConsole } } },
    '/console': { get: selfDescription('The console, for people', 'text/html', 'string') },
    '/openapi.json': { get: selfDescription('This document', 'application/json', 'object') },
    ...(hasPage
      ? { '/docs': { get: selfDescription('This document, for people', 'text/html', 'string') } }
      : {}),
  };
}

const toConsole = {
  description: 'To the console.',
  headers: { Location: { required: true, schema: { const: '/console' } } },
};

function about(summary: string) {
  return { tags: ['operations'], summary, security: [] };
}

function selfDescription(summary: string, mediaType: string, type: string) {
  return {
    ...about(summary),
    responses: { 200: { description: summary, content: { [mediaType]: { schema: { type } } } } },
  };
}
