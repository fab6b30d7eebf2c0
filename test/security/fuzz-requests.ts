import fc from 'fast-check';
import type { OpenApi, Operation } from '../support/description.js';
import { FromSchemas, pooled } from './from-schema.js';

export interface FuzzRequest {
  readonly method: string;
  /** With the query, as it goes out. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Stand in requests for what exists when they are sent. */
export const placeholders = ['~platform~', '~admin~', '~reader~', '~basic~'];

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'];
const oddParts = [
  '',
  '%00',
  'ma%00in',
  '%zz',
  '%ff',
  '%ed%a0%80',
  '..%2f',
  '..',
  '%2e%2e',
  '-',
  'MAIN',
  '%F0%9F%92%A9',
  '%27',
  '*',
  ';x=1',
  ':id',
  '{id}',
];

interface Sources {
  readonly values: FromSchemas;
  /** Of a path or a form, as it is sent. */
  readonly oddPart: fc.Arbitrary<string>;
  /** Of requests with JSON, and of those with a form. */
  readonly headers: readonly [fc.Arbitrary<Record<string, string>>, fc.Arbitrary<Record<string, string>>];
}

/** Any request to any of the operations: mostly nearly right. */
export function requestsOf(document: OpenApi, seed: number): fc.Arbitrary<FuzzRequest> {
  const values = new FromSchemas(seed);
  const oddPart = pooled(
    fc.oneof(
      fc.constantFrom(...oddParts),
      values.oddText.filter((text) => text.isWellFormed()).map((text) => encodeURIComponent(text)),
      fc.integer({ min: 64, max: 3_000 }).map((length) => 'a'.repeat(length)),
    ),
    200,
    seed,
  );
  const from: Sources = { values, oddPart, headers: [headersOf(false, seed), headersOf(true, seed)] };
  const all = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => requestOf(path, method, operation, from)),
  );
  return fc.oneof(...all);
}

function requestOf(
  path: string,
  method: string,
  operation: Operation,
  from: Sources,
): fc.Arbitrary<FuzzRequest> {
  const form = operation.requestBody?.content['application/x-www-form-urlencoded'];
  return fc.record({
    method: rarely(method.toUpperCase(), fc.constantFrom(...methods), 15),
    path: fc.tuple(pathOf(path, method, from), queryOf(operation, from)).map((parts) => parts.join('')),
    headers: from.headers[form ? 1 : 0],
    body: form ? formOf(form.schema, from) : bodyOf(operation, from),
  });
}

function pathOf(path: string, method: string, { oddPart }: Sources): fc.Arbitrary<string> {
  // A tenant that others still need is neither deleted nor disabled.
  const isOwn = path === '/v1/tenants/{tenant}' && method !== 'get';
  const parts = path.split('/').map((part, position, parts) => {
    if (!part.startsWith('{')) return fc.constant(part);
    const before = parts[position - 1] ?? '';
    return rarely(before.startsWith('{') ? 'client' : `~${isOwn ? 'spare' : before}~`, oddPart, 4);
  });
  const joined = fc.tuple(...parts).map((all) => all.join('/'));
  const end = rarely('', fc.oneof(fc.constantFrom('/', '/x', '//', '/..', '%20', '.json'), oddPart), 30);
  return fc.tuple(joined, end).map((both) => both.join('') || '/');
}

function queryOf({ parameters = [] }: Operation, { values, oddPart }: Sources): fc.Arbitrary<string> {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const named = known.map(({ name, schema }) =>
    fc.tuple(
      fc.constant(name),
      values.of(schema as Record<string, unknown>).map((value) => safe(textOf(value))),
    ),
  );
  const odd = fc.tuple(oddPart, oddPart);
  const pairs = fc.array(named.length > 0 ? fc.oneof(...named, ...named, odd) : odd, { maxLength: 3 });
  return rarely(
    '',
    pairs.map((all) => (all.length > 0 ? `?${all.map((pair) => pair.join('=')).join('&')}` : '?')),
    2,
  );
}

/** Percent-encoded; what is no text at all goes as what stands for it. */
function safe(text: string): string {
  return encodeURIComponent(text.toWellFormed().slice(0, 3_000));
}

function headersOf(isForm: boolean, seed: number): fc.Arbitrary<Record<string, string>> {
  const usual = isForm ? '~basic~' : '~platform~';
  const odd = pooled(
    fc.string({ maxLength: 300 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '').trim()),
    60,
    seed,
  );
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  return fc
    .record({
      authorization: rarely(
        usual,
        fc.oneof(
          fc.constantFrom('', ...placeholders),
          odd,
          odd.map((key) => `Bearer ${key}`),
        ),
        3,
      ),
      'content-type': rarely(
        type,
        fc.oneof(
          fc.constantFrom(
            '',
            'text/plain',
            'application/x',
            'application/json; charset=x',
            'multipart/form-data',
          ),
          odd,
        ),
        12,
      ),
      'idempotency-key': rarely('', fc.oneof(odd, fc.constant('same')), 8),
      'x-forwarded-host': rarely('', fc.oneof(odd, fc.constant('api.example.com')), 8),
      'x-grantkeeper-key': rarely('', odd, 20),
      'x-forwarded-for': rarely('', fc.oneof(fc.ipV4(), odd), 4),
      cookie: rarely('', odd, 20),
      accept: rarely('', odd, 20),
      'sec-purpose': rarely('', fc.constant('prefetch'), 20),
      expect: rarely('', fc.constant('x'), 200),
    })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')));
}

function bodyOf({ requestBody }: Operation, { values }: Sources): fc.Arbitrary<string | undefined> {
  const schema = requestBody?.content['application/json']?.schema as Record<string, unknown> | undefined;
  const broken = fc.oneof(
    fc.constantFrom('', '{', 'null', '[]', '"x"', '{"a":1,}', '\0', '{"x":"\\u0000"}', '{"x":"\\ud800"}'),
    fc.integer({ min: 30, max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    fc.integer({ min: 60_000, max: 70_000 }).map((length) => JSON.stringify({ x: 'x'.repeat(length) })),
    values.oddText,
  );
  if (!schema) return rarely<string | undefined>(undefined, broken, 8);
  const right = values.of(schema).map((value) => JSON.stringify(value));
  return fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: broken });
}

function formOf(schema: object, { values, oddPart }: Sources): fc.Arbitrary<string> {
  const fields = Object.entries(
    (schema as { properties: Record<string, Record<string, unknown>> }).properties,
  );
  const known: Record<string, fc.Arbitrary<string>> = Object.fromEntries(
    fields.map(([name, field]) => [name, values.of(field).map((value) => safe(textOf(value)))]),
  );
  const right = fc
    .record(
      {
        ...known,
        grant_type: rarely(
          'client_credentials',
          fc.constantFrom('urn:ietf:params:oauth:grant-type:token-exchange', 'x', ''),
          4,
        ),
        audience: rarely('', oddPart, 3),
      },
      { requiredKeys: ['grant_type'] },
    )
    .map((form) =>
      Object.entries(form)
        .map((pair) => pair.join('='))
        .join('&'),
    );
  return fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: values.oddText });
}

/** The usual value, and once in so often another. */
function rarely<T>(usual: T, other: fc.Arbitrary<T>, onceIn: number): fc.Arbitrary<T> {
  return fc.oneof({ weight: onceIn - 1, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}

/** An object may have a `toString` of any kind. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
