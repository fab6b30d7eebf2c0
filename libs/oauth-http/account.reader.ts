import type { Account } from '#provider-kit';
import { isObject, valueAt } from './answer-body.js';
import { fieldValue } from './token-fields.reader.js';

/** Names by which servers call the company, tenant or workspace of an account. */
const organizationMembers = ['organization', 'org_name', 'organization_id', 'org_id', 'hd', 'tid'];

/**
 * Who has consented, as claims or an answer say it. Members beside the id go before those at the top.
 * @param idPath dot path of what identifies the account
 * @param secrets what no member of an account may hold
 * @returns undefined when there is no id at that path
 */
export function accountFrom(
  claims: unknown,
  idPath: string,
  secrets: readonly string[],
): Account | undefined {
  const id = fieldValue(valueAt(claims, idPath), secrets);
  if (id === undefined) return undefined;
  const parentPath = idPath.split('.').slice(0, -1).join('.');
  const places = [parentPath === '' ? claims : valueAt(claims, parentPath), claims].filter(isObject);
  const first = (names: readonly string[]) =>
    places
      .flatMap((place) => names.map((name) => place[name]))
      .map((value) => (typeof value === 'string' ? fieldValue(value, secrets) : undefined))
      .find((value) => value !== undefined);
  const email = first(['email']);
  const name = first(['name']);
  const organization = first(organizationMembers);
  return {
    id,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    ...(organization === undefined ? {} : { organization }),
  };
}
