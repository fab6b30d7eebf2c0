/** The same text for the same JSON value, whatever order its members are in: jsonb keeps none. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, inner]) => [name, inOrder(inner)]));
}

/** NUL and half surrogates, as `JSON.stringify` writes them; also finds what only looks like them. */
const perhapsUnstorable = /\\u(?:0000|d[89a-f])/;

/** As jsonb can keep it: half surrogates and NUL are replaced in its texts, and what is undefined is left out. */
export function storableJson<T>(value: T): T {
  const text = JSON.stringify(value);
  return JSON.parse(perhapsUnstorable.test(text) ? JSON.stringify(value, storable) : text) as T;
}

function storable(_name: string, inner: unknown): unknown {
  return typeof inner === 'string' ? inner.toWellFormed().replaceAll('\0', '\ufffd') : inner;
}
