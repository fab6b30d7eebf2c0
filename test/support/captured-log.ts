import { pino } from 'pino';
import { log } from '#observability';

export interface CapturedLog {
  /** So far. */
  readonly lines: Readonly<Record<string, unknown>>[];
  restore(): void;
}

/** Takes the log of this process, which is not printed meanwhile. */
export function captureLog(): CapturedLog {
  const stream = (log as unknown as Record<symbol, { write(line: string): unknown }>)[pino.symbols.streamSym];
  if (!stream) throw new Error('The log has no stream.');
  const { write } = stream;
  const lines: Readonly<Record<string, unknown>>[] = [];
  stream.write = (line) => lines.push(JSON.parse(line));
  return {
    lines,
    restore: () => {
      stream.write = write;
    },
  };
}
