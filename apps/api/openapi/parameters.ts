import { pathParameterKind } from '../http/path-parameters.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: object;
}
export type Parameters = readonly Parameter[];

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Names this request for 24 h: the same again gets the same answer and has no further effect.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
};

/**
 * All parameters of an operation, those of its path first: guards read parts of the path that no handler names.
 * @param path as OpenAPI spells it
 * @param named by the route itself
 */
export function parametersOf(path: string, isIdempotent: boolean, named: Parameters = []): Parameters {
  const parts = path.split('/');
  const ofPath = parts.flatMap((part, position) =>
    part.startsWith('{') ? [pathParameter(part.slice(1, -1), parts[position - 1])] : [],
  );
  const others = named.filter((parameter) => parameter.in !== 'path');
  return [...ofPath, ...others, ...(isIdempotent ? [idempotencyKey] : [])];
}

function pathParameter(name: string, after: string | undefined): Parameter {
  return { name, in: 'path', required: true, schema: pathParameterKind(after).schema };
}
