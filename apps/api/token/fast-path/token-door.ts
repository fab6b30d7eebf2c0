import { bearerOf, hashName } from '#access';
import { defaultMinTtlSeconds, maxMinTtlSeconds } from '../min-ttl.js';
import { tokenDocuments } from '../token-document.js';
import { tokenPath } from '../token-path.js';
import type { Door } from './door.js';

/** A token read as clients write it; any other spelling is left to the route. */
const usualUrl = /^\/v1\/tenants\/([a-z0-9-]+)\/connections\/([a-z0-9-]+)\/token(?:\?min_ttl=(\d{1,5}))?$/;

/** `GET …/token` */
export function tokenDoor(headers: readonly string[]): Door {
  return {
    route: tokenPath,
    method: 'GET',
    read({ url, authorization }) {
      const [, tenant, connection, minTtl] = usualUrl.exec(url) ?? [];
      const bearer = bearerOf(authorization);
      if (tenant === undefined || connection === undefined || bearer === undefined) return undefined;
      const minTtlSeconds = minTtl === undefined ? defaultMinTtlSeconds : Number(minTtl);
      if (minTtlSeconds > maxMinTtlSeconds) return undefined;
      return { callerName: hashName(bearer), tenant, connections: [connection], minTtlSeconds };
    },
    write: ([token], _connections, nowMs) => ({ headers, ...tokenDocuments.of(token, nowMs) }),
  };
}
