import type { JsonSchema } from '../api/types';

export type FieldKind = 'choice' | 'switch' | 'number' | 'lines' | 'json' | 'secret' | 'text';

/** Which control a schema is shown as. */
export function kindOf(schema: JsonSchema): FieldKind {
  if (schema.enum) return 'choice';
  if (schema.writeOnly) return 'secret';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'array' && (schema.items?.type ?? 'string') === 'string') return 'lines';
  if (schema.type === 'string') return 'text';
  return 'json';
}

/** Fields that are left empty are left out: the provider's default counts. */
export function valuesOf(
  properties: Readonly<Record<string, JsonSchema>>,
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) => {
      const text = texts[name] ?? '';
      return text === '' ? [] : [[name, typedValue(schema, text)]];
    }),
  );
}

function typedValue(schema: JsonSchema, text: string): unknown {
  switch (kindOf(schema)) {
    case 'switch':
      return text === 'true';
    case 'number':
      return Number(text);
    case 'lines':
      return text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    case 'json':
      return parsed(text);
    default:
      return text;
  }
}

/** A text that is no JSON is sent as it is: the API says what it should be. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
