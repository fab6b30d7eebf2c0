import { z } from 'zod';
import { problemSchema } from '../problem/problem.schemas.js';

/** For the OpenAPI document, which has the schema of problems once. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (isSame(zodSchema, schema) || !isSame(zodSchema, problemSchema)) return;
      for (const name of Object.keys(jsonSchema)) delete jsonSchema[name];
      jsonSchema.$ref = '#/components/schemas/Problem';
    },
  });
  return json;
}

function isSame(one: object, other: object): boolean {
  return one === other;
}
