import { collectDefaultMetrics, Registry } from 'prom-client';

/** Every metric of this process. Labels name providers and outcomes, never a tenant, a connection or a key. */
export const registry = new Registry();

export const metricsContentType = registry.contentType;

let isCollecting = false;

/** Prometheus text, with Node's own metrics. */
export function metricsText(): Promise<string> {
  if (!isCollecting) collectDefaultMetrics({ register: registry });
  isCollecting = true;
  return registry.metrics();
}
