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
import { tokenPath } from '../token/token.routes.js';

/** Operations of the routes that Nest does not know, by path and method. */
export const plainOperations: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  [tokenPath]: { get: tokenOperation },
  [batchPath]: { post: batchOperation },
  [forwardAuthPath]: { get: forwardAuthOperation },
  [tokenEndpointPath]: { post: tokenEndpointOperation },
  [connectionTokenEndpointPath]: { post: connectionTokenEndpointOperation },
};
