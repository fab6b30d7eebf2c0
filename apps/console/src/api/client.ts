import { Problem } from './problem';
import { signInAgain } from './sign-in-again';

/** A form of another page cannot set it, and a script of another origin not without being allowed to. */
export const ownHeader = { 'x-grantkeeper-console': '1' };

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** @throws Problem */
export async function call<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      ...ownHeader,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => undefined);
  if (!response) throw new Problem(0, { remedy: 'Check the network, then try again.' });
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as Answer;
  const problem = new Problem(response.status, documentOf(text, response.statusText));
  if (problem.document.code === 'reauthentication_required' && (await signInAgain())) {
    return call<Answer>(method, path, body, headers);
  }
  throw problem;
}

function documentOf(text: string, title: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return { title };
  }
}

/** A path with the query of all values that are neither empty nor absent. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
