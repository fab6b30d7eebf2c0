import type { LoggerService } from '@nestjs/common';
import { log } from './log.js';

/**
 * Nest's own messages and those of every `Logger` of `@nestjs/common`, as lines of the one log. Nest's chatter while
 * it wires modules is `debug` here. An object given instead of a message becomes the line's fields.
 */
export class ApplicationLogger implements LoggerService {
  log(message: unknown, ...rest: unknown[]): void {
    const level = wiring.has(contextOf(rest) ?? '') ? 'debug' : 'info';
    log[level](...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const level = contextOf(rest) === startupContext ? 'debug' : 'error';
    log[level](...line(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    log.warn(...line(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    log.debug(...line(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    log.trace(...line(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    log.fatal(...line(message, rest));
  }
}

/** Nest reports an error of the start, then throws it: `runApplication` says it once. */
const startupContext = 'ExceptionHandler';

const wiring = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Nest passes the context last, and for errors a stack before it. */
function line(message: unknown, rest: readonly unknown[]): [Record<string, unknown>, string] {
  const context = contextOf(rest);
  const stack = rest.slice(0, -1).find((item) => typeof item === 'string');
  const fields: Record<string, unknown> = {
    ...(context === undefined ? {} : { context }),
    ...(stack === undefined ? {} : { stack }),
  };
  if (message instanceof Error) return [{ ...fields, err: message }, message.message];
  if (typeof message === 'object' && message !== null) {
    const { msg, ...others } = message as { msg?: unknown };
    return [{ ...fields, ...others }, typeof msg === 'string' ? msg : ''];
  }
  return [fields, String(message)];
}

function contextOf(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' ? last : undefined;
}
