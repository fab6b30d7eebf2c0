/**
 * The way the vendor writes an instant: UTC with microseconds and no zone, like `2016-11-11T16:05:10.301803`.
 * JavaScript reads such a text as local time, which is the trap.
 */
export function naiveUtc(epochMs: number): string {
  const micros = Math.round(epochMs * 1000);
  const lastDigits = String(micros % 1000).padStart(3, '0');
  return new Date(Math.floor(micros / 1000)).toISOString().replace('Z', lastDigits);
}
