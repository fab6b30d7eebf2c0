import { bearerOf, hashName } from '#access';
import type { ServedToken } from '#token-reads';
import { forwardAuthPath } from '../forward-auth/forward-auth.routes.js';
import { withoutForwardedPath } from '../forward-auth/forward-auth.url.js';
import { hostName, type UpstreamHosts } from '../forward-auth/upstream-hosts.js';
import { defaultMinTtlSeconds } from '../min-ttl.js';
import type { Door, DoorAnswer } from './door.js';

const usualUrl = /^\/v1\/tenants\/([a-z0-9-]+)\/connections\/([a-z0-9-]+)\/forward_auth$/;
/** A header can hold this for certain; any other token is for the route. */
const sendable = /^[\x20-\x7e]+$/;

/** `GET …/forward_auth` for a host that is known to be allowed. */
export function forwardDoor(headers: readonly string[], hosts: UpstreamHosts): Door {
  const answers = new WeakMap<ServedToken, DoorAnswer>();
  return {
    route: forwardAuthPath,
    method: 'GET',
    read({ url, authorization, key, forwardedHost }) {
      const [, tenant, connection] = usualUrl.exec(withoutForwardedPath(url)) ?? [];
      const bearer = key ?? bearerOf(authorization);
      if (tenant === undefined || connection === undefined || !bearer || forwardedHost === undefined)
        return undefined;
      return {
        callerName: hashName(bearer),
        tenant,
        connections: [connection],
        minTtlSeconds: defaultMinTtlSeconds,
        host: hostName(forwardedHost),
      };
    },
    mayServe(tenantId, connection, { host = '' }) {
      const rule = hosts.recall(tenantId, connection);
      return rule?.hosts.includes(host) === true && !rule.isSingleUse;
    },
    write([token]) {
      const last = answers.get(token);
      if (last) return last;
      const authorization = `${token.tokenType} ${token.accessToken}`;
      if (!sendable.test(authorization)) return undefined;
      const generation = String(token.generation);
      const own = [...headers, 'authorization', authorization, 'x-grantkeeper-generation', generation];
      const made = { headers: own, text: '', bytes: 0 };
      answers.set(token, made);
      return made;
    },
  };
}
