export interface Item {
  readonly hour: string;
  readonly type: string;
  readonly count: number;
}

export const kinds = [
  { name: 'works', types: ['connection.active'], color: '#2f9e44' },
  { name: 'fails', types: ['connection.degraded'], color: '#e8a200' },
  { name: 'ended', types: ['connection.reauthorization_required', 'connection.revoked'], color: '#d94848' },
] as const;

export type Hour = { readonly at: string } & Record<(typeof kinds)[number]['name'], number>;

const hourMs = 3_600_000;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Each of the last 24 hours, also those in which nothing happened. */
export function hoursOf(items: readonly Item[], nowMs: number): Hour[] {
  const last = Math.floor(nowMs / hourMs) * hourMs;
  return Array.from({ length: 24 }, (_, index) => {
    const beginMs = last - (23 - index) * hourMs;
    const own = items.filter(({ hour }) => Date.parse(hour) === beginMs);
    const count = (types: readonly string[]) =>
      own.filter(({ type }) => types.includes(type)).reduce((sum, item) => sum + item.count, 0);
    const counts = Object.fromEntries(kinds.map(({ name, types }) => [name, count(types)]));
    return { at: clock.format(beginMs), ...counts } as Hour;
  });
}
