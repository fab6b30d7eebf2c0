import { Counter } from 'prom-client';
import { registry } from './registry.js';

const requests = new Counter({
  name: 'grantkeeper_upstream_requests_total',
  help: 'Requests to providers, by class: 2xx, 4xx, 5xx of the answer, or the code of the failure where there was none.',
  labelNames: ['provider', 'class'] as const,
  registers: [registry],
});

/** @param answer its HTTP status, or a failure code */
export function countUpstreamRequest(provider: string, answer: number | string): void {
  const answerClass = typeof answer === 'number' ? `${Math.floor(answer / 100)}xx` : answer;
  requests.inc({ provider, class: answerClass });
}
