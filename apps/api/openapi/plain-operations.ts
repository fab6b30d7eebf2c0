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
  [tokenEndpointPath]: { post: tokenEndpointOperation },
  [connectionTokenEndpointPath]: { post: connectionTokenEndpointOperation },
};
