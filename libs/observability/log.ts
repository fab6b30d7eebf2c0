import { pino } from 'pino';
import { redactLogFields } from './redaction.js';
import { currentRequestId } from './request-context.js';
import { currentTraceparent } from './tracing/tracing.js';

/** Log level, for looking into the product itself; an unknown one counts as absent. */
const wantedLevel = process.env['LOG_LEVEL'] ?? '';

/** One JSON object a line on stdout: `level`, `time` (RFC 3339 UTC), `msg`, the `request_id` of what a
 * caller has asked for, and what the code that writes it adds. */
export const log = pino({
  base: null,
  level: Object.hasOwn(pino.levels.values, wantedLevel) ? wantedLevel : 'info',
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: {
    level: (label) => ({ level: label }),
    log: (fields) => redactLogFields(fields) as Record<string, unknown>,
  },
  mixin: () => {
    const id = currentRequestId();
    const trace = currentTraceparent()?.split('-')[1];
    return {
      ...(id === undefined ? {} : { request_id: id }),
      ...(trace === undefined ? {} : { trace_id: trace }),
    };
  },
  serializers: { err: (error: unknown) => error, error: (error: unknown) => error },
});

/** Supervisors and scripts wait for this: a message that is exactly `ready`. */
export function logReady(): void {
  log.info('ready');
}
