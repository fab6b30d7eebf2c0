import type { DiagLogger } from '@opentelemetry/api';
import { log } from '../log.js';

/** Milliseconds between two lines about the same. */
const pauseMs = 60_000;

let saidAtMs = Number.NEGATIVE_INFINITY;

/** OpenTelemetry complains of spans that did not arrive. Its words may hold an answer of the receiver, and stay out. */
function complain(): void {
  const nowMs = performance.now();
  if (nowMs - saidAtMs < pauseMs) return;
  saidAtMs = nowMs;
  log.warn('spans could not be sent to OTEL_EXPORTER_OTLP_ENDPOINT, and are missing in the traces');
}

const nothing = () => undefined;

export const complaints: DiagLogger = {
  error: complain,
  warn: nothing,
  info: nothing,
  debug: nothing,
  verbose: nothing,
};
