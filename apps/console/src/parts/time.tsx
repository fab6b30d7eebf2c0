const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

/** An instant by its distance from now; the instant itself is its title. */
export function Time({ at, none = '—' }: { readonly at: string | null; readonly none?: string }) {
  if (at === null) return none;
  const date = new Date(at);
  const seconds = Math.round((date.getTime() - Date.now()) / 1_000);
  const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  return (
    <time dateTime={at} title={absolute.format(date)}>
      {relative.format(Math.round(seconds / size), unit)}
    </time>
  );
}
