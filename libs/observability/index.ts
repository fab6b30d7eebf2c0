export { ApplicationLogger } from './application-logger.js';
export { log, logReady } from './log.js';
export { setInstallationCounts } from './metrics/installation.metric.js';
export {
  auditChainsBroken,
  breakersOpen,
  cacheEntries,
  changesHeard,
  journalEntries,
  journalWritable,
} from './metrics/process-gauges.js';
export { metricsContentType, metricsText } from './metrics/registry.js';
export { countRenewal } from './metrics/renewals.metric.js';
export { countRequestLimited } from './metrics/requests-limited.metric.js';
export { countTokenRead } from './metrics/token-reads.metric.js';
export { countUpstreamRequest } from './metrics/upstream-requests.metric.js';
export { countWebhookDelivery } from './metrics/webhook-deliveries.metric.js';
export { duringRequest, noteCaller, type RequestContext, requestIdOf } from './request-context.js';
export { runApplication } from './run-application.js';
export { startTracing } from './tracing/start-tracing.js';
export {
  currentTraceparent,
  inRequestSpan,
  inSpan,
  isTraced,
  pastSpan,
  type RequestSpan,
  requestSpan,
} from './tracing/tracing.js';
