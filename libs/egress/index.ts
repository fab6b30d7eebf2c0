export type { ClientCertificate } from './connection-pool.js';
export { EgressModule } from './egress.module.js';
export { EGRESS_OPTIONS, type EgressOptions } from './egress.options.js';
export { GuardedHttpClient, type GuardedResponse } from './guarded-http.client.js';
export { readBody } from './response-body.js';
export { egressRefused } from './upstream-failures.js';
