import { hashName } from '#access';
import { minTtlOf } from '../min-ttl.js';
import { clientAuthentication } from '../oauth2/client-authentication.js';
import { grantTypes } from '../oauth2/grant-types.js';
import { TokenForm } from '../oauth2/token-form.js';
import { tokenResponses } from '../oauth2/token-response.js';
import { namedTarget, type TokenTarget } from '../oauth2/token-target.js';
import type { AskedTokens, Door } from './door.js';
import { isType } from './is-type.js';
import type { SentRequest } from './sent-request.js';

const usualUrl =
  /^(?:\/oauth2\/token|\/v1\/tenants\/([a-z0-9-]+)\/connections\/([a-z0-9-]+)\/oauth2\/token)$/;

/** Where the route alone knows what is meant, or has to ask. */
const forTheRoute: readonly string[] = ['scope', 'resource'];

/** `POST /oauth2/token`, and that of one connection, for clients that come with a key and ask for one audience. */
export function formDoor(route: string, headers: readonly string[]): Door {
  return {
    route,
    method: 'POST',
    read(sent) {
      const url = usualUrl.exec(sent.url);
      if (!url || !isType(sent.contentType, 'application/x-www-form-urlencoded')) return undefined;
      const [, tenant, connection] = url;
      const path = tenant === undefined || connection === undefined ? undefined : { tenant, connection };
      try {
        return readForm(sent, path);
      } catch {
        // The route says what is wrong with it.
        return undefined;
      }
    },
    write: ([token], _connections, nowMs) => ({ headers, ...tokenResponses.of(token, nowMs) }),
  };
}

/** @throws OAuthError or Problem */
function readForm(
  { authorization, body = '' }: SentRequest,
  path: TokenTarget | undefined,
): AskedTokens | undefined {
  const form = TokenForm.parse(body);
  if (grantTypes.get(form.get('grant_type') ?? '') !== 'client') return undefined;
  if (forTheRoute.some((name) => form.get(name) !== undefined)) return undefined;
  const client = clientAuthentication(authorization, form);
  if (client?.kind !== 'secret') return undefined;
  const target = namedTarget(form, { path, origins: [] });
  return {
    callerName: hashName(client.clientSecret),
    clientId: client.clientId,
    tenant: target?.tenant,
    connections: target ? [target.connection] : [],
    minTtlSeconds: minTtlOf(form.get('min_ttl')),
  };
}
