import { messageIdPattern } from '#events';
import { notFound } from '../problem/to-problem.js';
import { isRowId, isSlug } from './common.schemas.js';

type Check = (text: string) => boolean;

const isMessageId: Check = (text) => messageIdPattern.test(text);

/** By the part of the path before it; every other parameter is a slug. */
const checks: Readonly<Record<string, Check>> = {
  api_keys: isRowId,
  webhooks: isRowId,
  deliveries: isMessageId,
};

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
    const check = checks[parts[position - 1] ?? ''] ?? isSlug;
    if (!check(params[part.slice(1)] ?? '')) throw notFound();
  }
}
