import type { ChangedFields } from './caller-change.js';
import { canonicalJson } from './canonical-json.js';

type Fields = Readonly<Record<string, unknown>>;

/** Of settings: what such a name holds is not shown, although the API shows it to its tenant. */
const secretName = /secret|password|headers|cookie|authorization|(?:^|_)key$/;

/** In place of values that nobody is shown. */
export const secret = { secret: true } as const;

export function added(fields: Fields): ChangedFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { new: value }]));
}

export function removed(fields: Fields): ChangedFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { old: value }]));
}

/** Only what differs. */
export function changes(before: Fields, after: Fields): ChangedFields {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => canonicalJson([before[name]]) !== canonicalJson([after[name]]),
  );
  return Object.fromEntries(names.map((name) => [name, { old: before[name], new: after[name] }]));
}

/** Settings, each as a field of its own and fit to be shown. */
export function settingChanges(before: Fields, after: Fields): ChangedFields {
  return Object.fromEntries(
    Object.entries(changes(before, after)).map(([name, change]) => {
      const { old, new: now } = change as { old: unknown; new: unknown };
      const value = secretName.test(name) ? secret : { old: shown(old), new: shown(now) };
      return [`settings.${name}`, value];
    }),
  );
}

/** Where a URL leads to; its query may hold what is nobody's business. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

function shown(value: unknown): unknown {
  if (typeof value !== 'string' || !/^https?:/i.test(value) || !URL.canParse(value)) return value;
  const { origin, pathname } = new URL(value);
  return `${origin}${pathname}`;
}
