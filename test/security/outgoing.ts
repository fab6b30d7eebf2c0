import type { Answer } from '../support/http.js';
import { scaled } from '../support/scale.js';

export interface Sink {
  readonly grant: string;
  readonly fields?: object;
  readonly settings?: object;
  /** A call about the connection; absent: none, for making it asks already. */
  readonly finish?: (connection: string) => Promise<Answer>;
}

/** The sinks, in turn: in the long form each address comes to each of them. */
export function pairs<T>(names: readonly string[], items: readonly T[]): [string, T][] {
  const all = items.flatMap((item, at) =>
    scaled([names[at % names.length] ?? ''], names).map((name): [string, T] => [name, item]),
  );
  return all;
}

/** Of an issuer, signed by nobody. */
export function jwtOf(issuer: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return `${part({ alg: 'RS256', kid: 'k' })}.${part({ iss: issuer, aud: 'app', sub: 'x', exp })}.${'A'.repeat(342)}`;
}

/** So many at once. */
export async function inTurn<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  atOnce = 8,
): Promise<void> {
  const left = [...items];
  const go = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, go));
}
