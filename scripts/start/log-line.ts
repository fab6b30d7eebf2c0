/** Pino's number for a warning. */
export const WARN = 40;
const LEVELS: Record<string, number> = { trace: 10, debug: 20, info: 30, warn: WARN, error: 50, fatal: 60 };

/** @returns undefined: not one of our log lines */
export function parseLogLine(line: string): { level: number; msg: string; text: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line);
    const level = typeof entry.level === 'number' ? entry.level : (LEVELS[entry.level] ?? 0);
    const label = Object.keys(LEVELS).findLast((name) => (LEVELS[name] ?? 0) <= level) ?? 'trace';
    const msg = String(entry.msg ?? '');
    const cause = entry.err?.message;
    const text = `${label} ${msg}${cause && cause !== msg ? `: ${cause}` : ''}`;
    return { level, msg, text };
  } catch {
    return undefined;
  }
}
