import type { EntityManager } from 'typeorm';
import type { ConnectionStatus, Labels } from '../entities/connection.entity.js';
import type { PageRequest } from '../page.js';

/** Which connections of a tenant are listed; all that is given must hold. */
export interface ConnectionFilter {
  readonly status?: ConnectionStatus | undefined;
  readonly provider?: string | undefined;
  /** Slug of its client credentials. */
  readonly credential?: string | undefined;
  readonly subject?: string | undefined;
  /** Who has consented: the whole id or email. */
  readonly account?: string | undefined;
  /** How their slugs begin. */
  readonly id_prefix?: string | undefined;
  /** Those that have all of these. */
  readonly label?: Labels | undefined;
  /** Those whose access token ends before. */
  readonly expires_before?: Date | undefined;
}

/** Of so many client credentials the first connections are looked up one by one; of more, in the order of the page. */
const mostCredentials = 20;

/** Comes after every character that a slug may have. */
const afterSlugs = '~';

/** A statement, and what stands for its `$1`, `$2`, …. */
export interface Question {
  readonly statement: string;
  readonly parameters: readonly unknown[];
}

/**
 * The ids of a page, and of one more connection where there is one. Each way to them follows an index in the order of
 * the page, so that a page costs the same in a tenant of a million.
 * @param credentialIds those that the connections may have; undefined: any
 */
export function idsOfPage(
  tenantId: string,
  filter: ConnectionFilter,
  page: PageRequest,
  credentialIds?: readonly string[],
): Question {
  const parameters: unknown[] = [];
  const say = (value: unknown): string => `$${parameters.push(value)}`;
  const where = [`tenant_id = ${say(tenantId)}`];
  const after = page.afterId === undefined ? undefined : say(page.afterId);
  if (after !== undefined) where.push(`id > ${after}`);
  if (filter.status !== undefined) where.push(`status = ${say(filter.status)}`);
  if (filter.subject !== undefined) where.push(`subject = ${say(filter.subject)}`);
  if (filter.account !== undefined)
    where.push(
      `(account_id = ${say(filter.account)} or account_email = ${say(filter.account.toLowerCase())})`,
    );
  if (filter.id_prefix !== undefined)
    where.push(`slug >= ${say(filter.id_prefix)} and slug < ${say(filter.id_prefix + afterSlugs)}`);
  // Said again of the labels: a merge of both indexes would else begin at the first connection of the tenant.
  const labelled = after === undefined ? '' : ` and connection_id > ${after}`;
  for (const [key, value] of Object.entries(filter.label ?? {})) {
    const label = say(`${key}:${value}`);
    where.push(
      `id in (select connection_id from gk.connection_labels where tenant_id = $1 and label = ${label}${labelled})`,
    );
  }
  if (filter.expires_before !== undefined)
    where.push(`access_token_expires_at < ${say(filter.expires_before)}`);
  const most = say(page.limit + 1);
  const ids = (conditions: readonly string[]) =>
    `select id from gk.connections where ${conditions.join(' and ')} order by id limit ${most}`;
  if (credentialIds === undefined) return { statement: ids(where), parameters };
  if (credentialIds.length === 0 || credentialIds.length > mostCredentials) {
    const ofAny = `credential_id = any(${say(credentialIds)}::uuid[])`;
    return { statement: ids([...where, ofAny]), parameters };
  }
  const ofEach = credentialIds.map((id) => `(${ids([...where, `credential_id = ${say(id)}`])})`);
  return {
    statement: `select id from (${ofEach.join(' union all ')}) c order by id limit ${most}`,
    parameters,
  };
}

/** The client credentials that are meant; undefined where all are. */
export async function credentialIdsOf(
  manager: EntityManager,
  tenantId: string,
  { provider, credential }: ConnectionFilter,
): Promise<string[] | undefined> {
  if (provider === undefined && credential === undefined) return undefined;
  const rows = await manager.query<{ id: string }[]>(
    `select id from gk.credentials
     where tenant_id = $1 and ($2::text is null or provider = $2) and ($3::text is null or slug = $3)`,
    [tenantId, provider ?? null, credential ?? null],
  );
  return rows.map(({ id }) => id);
}
