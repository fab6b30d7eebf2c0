/** Levels that a person at the terminal should see; our applications write a level by its name. */
const SHOWN = ['warn', 'error', 'fatal'];

/** @returns undefined: not one of our log lines */
export function parseLogLine(line: string): { msg: string; isShown: boolean; text: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg = '', err } = JSON.parse(line);
    const text = `${level} ${msg}${err?.message && err.message !== msg ? `: ${err.message}` : ''}`;
    return { msg, isShown: SHOWN.includes(level), text };
  } catch {
    return undefined;
  }
}
