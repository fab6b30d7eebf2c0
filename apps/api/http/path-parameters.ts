import { messageIdPattern } from '#events';
import { notFound } from '../problem/to-problem.js';
import { isRowId, isSlug, rowIdPattern, slugPattern } from './common.schemas.js';

interface Kind {
  readonly is: (text: string) => boolean;
  /** JSON Schema of the same. */
  readonly schema: object;
}

const rowId: Kind = {
  is: isRowId,
  schema: { type: 'string', format: 'uuid', pattern: rowIdPattern.source },
};
const messageId: Kind = {
  is: (text) => messageIdPattern.test(text),
  schema: { type: 'string', pattern: messageIdPattern.source },
};
const slug: Kind = { is: isSlug, schema: { type: 'string', pattern: slugPattern.source } };
/** Not an id, but a secret: who does not have it is told nothing of its form. */
const session: Kind = { is: () => true, schema: { type: 'string' } };

/** By the part of the path before it; every other parameter is a slug. */
const kinds: Readonly<Record<string, Kind>> = {
  api_keys: rowId,
  webhooks: rowId,
  deliveries: messageId,
  connect: session,
};

/** @param part of the path before the parameter */
export function pathParameterKind(part: string | undefined): Kind {
  return kinds[part ?? ''] ?? slug;
}

/** @throws Problem `not_found` */
export function checkTenant({ tenant }: Readonly<Record<string, string>>): void {
  if (tenant !== undefined && !isSlug(tenant)) throw notFound();
}

/**
 * Before the path of a call reaches the database: a parameter that cannot be the id of anything names nothing.
 * @param route as the router has it, such as `/v1/tenants/:tenant`
 * @throws Problem `not_found`
 */
export function checkPathParameters(route: string, params: Readonly<Record<string, string>>): void {
  const parts = route.split('/');
  for (const [position, part] of parts.entries()) {
    if (!part.startsWith(':')) continue;
    if (!pathParameterKind(parts[position - 1]).is(params[part.slice(1)] ?? '')) throw notFound();
  }
}
