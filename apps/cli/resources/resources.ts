import type { Resource } from './resource.js';
import { audit } from './tables/audit.resource.js';
import { connections } from './tables/connections.resource.js';
import { credentials } from './tables/credentials.resource.js';
import { keys } from './tables/keys.resource.js';
import { hold, presets, providers, workloadIdentities } from './tables/others.resource.js';
import { tenants } from './tables/tenants.resource.js';
import { webhooks } from './tables/webhooks.resource.js';

export const resources: readonly Resource[] = [
  tenants,
  credentials,
  connections,
  keys,
  webhooks,
  workloadIdentities,
  audit,
  providers,
  presets,
  hold,
];
