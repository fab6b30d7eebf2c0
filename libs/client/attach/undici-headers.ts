type Value = string | readonly string[] | undefined;

/** The forms in which a dispatcher takes headers: `[name, value, name, value]`, pairs, or an object. */
export type UndiciHeaders = readonly unknown[] | Iterable<readonly [string, Value]> | object;

/** The same headers, as a flat list, with this `Authorization` and no other. */
export function withAuthorization(
  headers: UndiciHeaders | null | undefined,
  authorization: string,
): unknown[] {
  const others = pairsOf(headers ?? []).filter(([name]) => String(name).toLowerCase() !== 'authorization');
  return [...others, ['authorization', authorization]].flat(1);
}

function pairsOf(headers: UndiciHeaders): (readonly unknown[])[] {
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    return headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []));
  }
  return Symbol.iterator in headers
    ? [...(headers as Iterable<readonly [string, Value]>)]
    : Object.entries(headers);
}
