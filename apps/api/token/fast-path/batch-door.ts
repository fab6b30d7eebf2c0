import { bearerOf, hashName } from '#access';
import { isSlug } from '../../http/common.schemas.js';
import { batchPath } from '../batch/batch.routes.js';
import { batchBody } from '../batch/batch.schemas.js';
import { tokenDocuments } from '../token-document.js';
import type { Door } from './door.js';
import { isType } from './is-type.js';
import { parsedJson } from './parsed-json.js';

const usualUrl = /^\/v1\/tenants\/([a-z0-9-]+)\/tokens$/;

/** `POST …/tokens` where every token is in memory. */
export function batchDoor(headers: readonly string[]): Door {
  return {
    route: batchPath,
    method: 'POST',
    read({ url, authorization, contentType, body = '' }) {
      const [, tenant] = usualUrl.exec(url) ?? [];
      const bearer = bearerOf(authorization);
      if (tenant === undefined || bearer === undefined || !isType(contentType, 'application/json'))
        return undefined;
      const asked = batchBody.safeParse(parsedJson(body)).data;
      if (!asked?.connections.every(isSlug)) return undefined;
      return {
        callerName: hashName(bearer),
        tenant,
        connections: asked.connections,
        minTtlSeconds: asked.min_ttl,
      };
    },
    write(tokens, connections, nowMs) {
      // Slugs need no escaping, and a token's document is the rest of its item.
      const items = tokens.map(
        (token, at) => `{"connection":"${connections[at]}",${tokenDocuments.of(token, nowMs).text.slice(1)}`,
      );
      const text = `{"items":[${items.join(',')}]}`;
      return { headers, text, bytes: Buffer.byteLength(text) };
    },
  };
}
