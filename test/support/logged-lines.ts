import { pino } from 'pino';
import { log } from '#observability';

/** Lines that this process logs while `work` is done; they are not printed. */
export async function loggedLines(work: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const stream = (log as unknown as Record<symbol, { write(line: string): unknown }>)[pino.symbols.streamSym];
  if (!stream) throw new Error('The log has no stream.');
  const lines: string[] = [];
  const { write } = stream;
  stream.write = (line) => lines.push(line);
  try {
    await work();
  } finally {
    stream.write = write;
  }
  return lines.map((line) => JSON.parse(line));
}
