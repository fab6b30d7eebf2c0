import fc from 'fast-check';
import { anyText } from '#testing';

type Schema = Readonly<Record<string, unknown>>;

const deep = fc.integer({ min: 1, max: 3_000 }).map((levels) => {
  let value: unknown = 1;
  for (let level = 0; level < Math.min(levels, 200); level += 1) value = level % 2 ? [value] : { x: value };
  return value;
});

/** Texts that no schema asks for. */
const anyOddText: fc.Arbitrary<string> = fc.oneof(
  anyText({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\r\n',
    '__proto__',
    'constructor',
    '%00',
    '../x',
    "'; --",
  ),
  fc.integer({ min: 64, max: 9_000 }).map((length) => 'a'.repeat(length)),
);

const anyOddValue: fc.Arbitrary<unknown> = fc.oneof(
  anyOddText,
  deep,
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(null, true, -1, 0, 1e308, 2 ** 53, 0.5, [], {}, [[]]),
);

/** Some values of an arbitrary that takes long to ask, made once; `seed` decides which. */
export function pooled<T>(arbitrary: fc.Arbitrary<T>, size: number, seed: number): fc.Arbitrary<T> {
  return fc.constantFrom(...fc.sample(arbitrary, { numRuns: size, seed }));
}

/** Names of fields that get somewhere only with certain values. */
const hints: Readonly<Record<string, readonly unknown[]>> = {
  provider: ['vonage-contact-center', 'generic-oauth2', 'vonage-network', 'net2phone-canada'],
  credential: ['client'],
  grant: ['client_credentials', 'refresh_token', 'authorization_code', 'password', 'ciba'],
  client_id: ['a1b2c3d4e5'],
  settings: [
    { region: 'emea' },
    { token_endpoint: 'http://127.0.0.1:1/token', allow_unconfirmed: true },
    { preset: 'google', preset_inputs: {} },
  ],
  connections: [['main'], ['main', 'other']],
  url: ['https://receiver.example/hook'],
  role: ['connector', 'token_reader'],
};

/** Values of JSON Schemas, one in eight or so of them something else. */
export class FromSchemas {
  readonly oddText: fc.Arbitrary<string>;
  private readonly oddValue: fc.Arbitrary<unknown>;
  private readonly texts = new Map<string, fc.Arbitrary<string>>();

  constructor(private readonly seed: number) {
    this.oddText = pooled(anyOddText, 150, seed);
    this.oddValue = pooled(anyOddValue, 150, seed);
  }

  of(schema: Schema, name = ''): fc.Arbitrary<unknown> {
    const hinted = hints[name];
    const right = hinted
      ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...hinted) }, this.byType(schema))
      : this.byType(schema);
    return fc.oneof({ weight: 7, arbitrary: right }, { weight: 1, arbitrary: this.oddValue });
  }

  private byType(schema: Schema): fc.Arbitrary<unknown> {
    if ('const' in schema) return fc.constant(schema['const']);
    if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum']);
    if (Array.isArray(schema['anyOf'])) {
      return fc.oneof(...(schema['anyOf'] as Schema[]).map((one) => this.of(one)));
    }
    switch (schema['type']) {
      case 'string':
        return fc.oneof(
          fc.constantFrom('main', 'client', 'other', 'x', 'a b'),
          this.text(schema),
          this.oddText,
        );
      case 'integer':
      case 'number':
        return fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer());
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(this.of((schema['items'] ?? {}) as Schema), { maxLength: 4 });
      case 'object':
        return this.object(schema);
      default:
        return this.oddValue;
    }
  }

  /** Of each form a few, made once. */
  private text(schema: Schema): fc.Arbitrary<string> {
    const form = `${schema['format']} ${schema['pattern']}`;
    const known = this.texts.get(form) ?? pooled(this.makeText(schema), 12, this.seed);
    this.texts.set(form, known);
    return known;
  }

  private makeText({ pattern, format }: Schema): fc.Arbitrary<string> {
    if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    if (format === 'uuid') return fc.uuid();
    if (format === 'uri') return fc.webUrl().map(() => 'http://127.0.0.1:1/x');
    if (typeof pattern !== 'string') return fc.string({ maxLength: 60 });
    // Of characters that are not of a kind, fast-check would list all first, for two seconds.
    return fc.stringMatching(new RegExp(pattern.replaceAll(/\\P(\{\w+\})/g, '[^\\p$1]'), 'u'));
  }

  private object({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
    const fields = Object.entries(properties as Record<string, Schema>).map(
      ([name, schema]) => [name, this.of(schema, name)] as const,
    );
    const model = Object.fromEntries(fields);
    const known = fc.record(model, { requiredKeys: required as string[] });
    if (additionalProperties === false) {
      const extra = fc.oneof(
        { weight: 9, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(this.oddText, this.oddValue, { maxKeys: 2 }) },
      );
      return fc.tuple(known, extra).map(([one, other]) => ({ ...one, ...other }));
    }
    const values = typeof additionalProperties === 'object' ? (additionalProperties as Schema) : {};
    return fc
      .tuple(
        known,
        fc.dictionary(fc.oneof(fc.constant('sub'), this.oddText), this.of(values), { maxKeys: 3 }),
      )
      .map(([one, other]) => ({ ...other, ...one }));
  }
}
