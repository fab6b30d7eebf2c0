import type { Settings } from '#config';
import { noStore } from '../../http/no-store.js';
import { securityHeaders } from '../../http/security-headers.js';
import type { UpstreamHosts } from '../forward-auth/upstream-hosts.js';
import { neverCached } from '../oauth2/never-cached.js';
import { tokenEndpointPath } from '../oauth2/token-endpoint.routes.js';
import { contentType } from '../token-document.js';
import { batchDoor } from './batch-door.js';
import type { Door } from './door.js';
import { formDoor } from './form-door.js';
import { forwardDoor } from './forward-door.js';
import { tokenDoor } from './token-door.js';

/** In the order in which they are tried, with the headers that their routes send. */
export function doorsOf(settings: Pick<Settings, 'publicUrl'>, hosts: UpstreamHosts): readonly Door[] {
  const usual = Object.entries({ ...noStore, ...securityHeaders(settings) }).flat();
  const json = [...usual, 'content-type', contentType];
  const { pragma } = neverCached;
  return [
    tokenDoor(json),
    forwardDoor(usual, hosts),
    formDoor(tokenEndpointPath, [...json, 'pragma', pragma]),
    batchDoor(json),
  ];
}
