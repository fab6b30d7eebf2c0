import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { idsOfPage } from '../../dist/libs/vault/repositories/connection-filter.js';
import { overviewStatement } from '../../dist/libs/vault/repositories/overview-statement.js';
import { listsOverHttp } from './lists-http.mjs';

const count = Number(process.env.BENCH_ROWS ?? 200_000);
const fewer = 10_000;
const backlog = 1_000;
const claimed = 64;
const turns = 15;
const limit = 50;

/**
 * Pages of one tenant of many connections, whose rows `generate_series` makes: the statement for the ids alone, as the
 * application role, under row-level security; the first page, and one after nine tenths. The same over HTTP. The overviews of the console. And the claim of what is due, of a
 * backlog, beside the same among fewer connections.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export async function benchLists(databaseUrl) {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    await fill(database, fewer);
    const amongFewerMs = await claimMs(database);
    await database.query('truncate gk.tenants, gk.connection_counts cascade');
    const { tenantId, credentialId, rareCredentialId } = await fill(database, count);
    const amongAllMs = await claimMs(database);
    const [{ id: afterId }] = (
      await database.query(
        'select id from gk.connections where tenant_id = $1 order by id offset $2 limit 1',
        [tenantId, Math.floor(count * 0.9)],
      )
    ).rows;
    await database.query(
      "select set_config('role', 'grantkeeper_app', false), set_config('gk.tenant_id', $1, false)",
      [tenantId],
    );
    /** @type {Record<string, import('../../libs/vault/repositories/connection-filter.js').ConnectionFilter>} */
    const filters = {
      none: {},
      '`status`, of one in 1,000': { status: 'degraded' },
      '`subject`': { subject: 'user7' },
      '`account`, of one in 1,000': { account: 'A7@example.com' },
      '`id_prefix`, of one in 1,000': { id_prefix: 'c123' },
      '`id_prefix` that all have': { id_prefix: 'c' },
      '`expires_before`, of a tenth': { expires_before: new Date(Date.now() + count * 6_000) },
      '`label` that all have': { label: { all: 'yes' } },
      '`label` that one in 1,000 has': { label: { some: 'yes' } },
      '`label` that nobody has': { label: { some: 'no' } },
      'two `label`s, of all and of one in 1,000': { label: { all: 'yes', some: 'yes' } },
      '`label` that all have, and `status` of one in 1,000': { label: { all: 'yes' }, status: 'degraded' },
    };
    /** The credentials of a provider, as the application has looked them up. */
    const credentials = {
      '`provider`, of nearly all': [credentialId],
      '`provider`, of one in 1,000': [rareCredentialId],
      '`provider`, of both client credentials': [credentialId, rareCredentialId],
    };
    const rows = [];
    for (const [name, filter] of Object.entries(filters)) {
      const first = await pageMs(database, idsOfPage(tenantId, filter, { limit }));
      const late = await pageMs(database, idsOfPage(tenantId, filter, { limit, afterId }));
      rows.push(`| ${name} | ${first.toFixed(1)} | ${late.toFixed(1)} |`);
    }
    for (const [name, ids] of Object.entries(credentials)) {
      const first = await pageMs(database, idsOfPage(tenantId, {}, { limit }, ids));
      const late = await pageMs(database, idsOfPage(tenantId, {}, { limit, afterId }, ids));
      rows.push(`| ${name} | ${first.toFixed(1)} | ${late.toFixed(1)} |`);
    }
    const overviews = {
      'of the tenant': { statement: overviewStatement, parameters: [tenantId, ['server_error'], []] },
      'of all providers': { statement: 'select * from gk.provider_health($1)', parameters: [2_000] },
    };
    const glances = [];
    for (const [name, one] of Object.entries(overviews)) {
      glances.push(`| ${name} | ${(await pageMs(database, one)).toFixed(1)} |`);
    }
    await database.query('reset role');
    const overHttp = await listsOverHttp(databaseUrl, database, count, afterId);
    await database.query('truncate gk.tenants, gk.connection_counts cascade');
    return [
      `| filter, ${count} connections | first page, ms | after nine tenths, ms |`,
      '|---|---|---|',
      ...rows,
      '',
      overHttp,
      '',
      '| overview | ms |',
      '|---|---|',
      ...glances,
      '',
      `| claim of ${claimed}, ${backlog} due | ms |`,
      '|---|---|',
      `| among ${fewer} connections | ${amongFewerMs.toFixed(1)} |`,
      `| among ${count} connections | ${amongAllMs.toFixed(1)} |`,
      `| ratio | ${(amongAllMs / amongFewerMs).toFixed(2)} |`,
    ].join('\n');
  } finally {
    await database.end();
  }
}

async function pageMs(database, { statement, parameters }) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const startedAtMs = performance.now();
    await database.query(statement, [...parameters]);
    times.push(performance.now() - startedAtMs);
  }
  // Other work on the machine only makes one dearer.
  return Math.min(...times);
}

/** Each claim is taken back, so that the next finds the same backlog. */
async function claimMs(database) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await database.query('begin');
    const startedAtMs = performance.now();
    const { rowCount } = await database.query('select * from gk.claim_due($1, $2, $3, 15, 300, $4)', [
      randomUUID(),
      randomUUID(),
      claimed,
      JSON.stringify({
        tenants: {},
        upstreams: {},
        partitions: {},
        tenant_limit: 1_000,
        upstream_limit: 1_000,
      }),
    ]);
    times.push(performance.now() - startedAtMs);
    await database.query('rollback');
    if (rowCount !== claimed) throw new Error(`${rowCount} were claimed.`);
  }
  return Math.min(...times);
}

/** Without triggers and checks of references, which would take most of the time. Due rows lie here and there. */
async function fill(database, rows) {
  const tenantId = randomUUID();
  const credentialId = randomUUID();
  const rareCredentialId = randomUUID();
  await database.query('set session_replication_role = replica');
  await database.query("insert into gk.tenants (id, slug, name) values ($1, 'lists', 'Lists')", [tenantId]);
  await database.query(
    `insert into gk.credentials (id, tenant_id, slug, provider, client_id, upstream, settings, seal, data_key_id)
     select id, $1, slug, 'generic-oauth2', 'client', 'upstream', '{}', '', id
     from (values ($2::uuid, 'client'), ($3::uuid, 'rare')) c (id, slug)`,
    [tenantId, credentialId, rareCredentialId],
  );
  await database.query(
    `insert into gk.connections (id, tenant_id, slug, credential_id, upstream, provider, "grant", subject, account, labels, renewal,
       status, access_token_expires_at, next_renewal_at)
     select uuidv7(), $1, 'c' || n, case when n % 1000 = 2 then $5::uuid else $2::uuid end, 'upstream', 'generic-oauth2', 'refresh_token', 'user' || n,
       jsonb_build_object('id', 'account' || n, 'email', 'a' || n % 1000 || '@example.com'),
       case when n % 1000 = 0 then '{"all": "yes", "some": "yes"}' else '{"all": "yes"}' end::jsonb, 'auto',
       case when n % 1000 = 1 then 'degraded' else 'active' end, now() + n::bigint * 7919 % $3::int * interval '1 minute',
       now() + case when n % ($3::int / $4::int) = 0 then n * interval '-1 second' else n * interval '1 minute' end
     from generate_series(1, $3::int) n`,
    [tenantId, credentialId, rows, backlog, rareCredentialId],
  );
  await database.query(
    `insert into gk.connection_labels (tenant_id, connection_id, label)
     select tenant_id, id, key || ':' || value from gk.connections, jsonb_each_text(labels)`,
  );
  await database.query(`
    insert into gk.connection_counts (provider, status, change)
    select provider, status, count(*) from gk.connections group by 1, 2`);
  await database.query('set session_replication_role = origin');
  await database.query('vacuum analyze gk.connections, gk.connection_labels');
  return { tenantId, credentialId, rareCredentialId };
}
