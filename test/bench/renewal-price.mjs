import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openJournals } from '../../dist/libs/journal/journal-folder.js';
import { decryptJwe, encryptJwe } from '../../dist/libs/vault/encryption/jwe.js';
import { commitParameters, commitStatement } from '../../dist/libs/vault/repositories/commit-statement.js';
import { median } from './load.mjs';

const turns = 150;
const batch = 8;
const limits = JSON.stringify({
  tenants: {},
  upstreams: {},
  partitions: {},
  tenant_limit: 64,
  upstream_limit: 64,
});

/**
 * Times each part of a safe renewal, one after the other on one connection, beside the one UPDATE of the bare
 * loop. On a database that `measureRenewals` has filled.
 *
 * @param {string} databaseUrl
 * @returns {Promise<[string, number][]>} milliseconds per renewal
 */
export async function measurePrice(databaseUrl) {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    return [
      ['the UPDATE of the bare loop', await bareUpdate(database)],
      ...(await statements(database)),
      ['opening token set and client secret, sealing answer and token set', sealing()],
      ['journal: room, write and sync, 64 at once', await journal()],
    ];
  } finally {
    await database.end();
  }
}

/** @param {Awaited<ReturnType<typeof measurePrice>>} prices */
export function priceTable(prices) {
  const rows = prices.map(([what, ms]) => `| ${what} | ${ms.toFixed(3)} |`);
  return ['| part of a renewal | ms |', '|---|---|', ...rows].join('\n');
}

async function timed(work) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const startedAt = performance.now();
    await work(turn);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

function bareUpdate(database) {
  return timed((turn) =>
    database.query(
      'update bare_tokens set access_token = $2, refresh_token = $3, expires_at = now() where id = $1',
      [turn + 1, randomBytes(300).toString('hex'), randomBytes(60).toString('hex')],
    ),
  );
}

async function statements(database) {
  const makeDue = `update gk.connections
    set next_renewal_at = gk.now(), lease_owner = null, lease_expires_at = null, journal_wait_until = null
    where id in (select c.id from gk.connections c join gk.tenants t on t.id = c.tenant_id where t.name = '1' limit ${batch})`;
  const preparing = await timed(() => database.query(makeDue));
  let claims = [];
  const claiming = await timed(async () => {
    await database.query(makeDue);
    ({ rows: claims } = await database.query('select * from gk.claim_due($1, $2, $3, 15, 300, $4)', [
      randomUUID(),
      randomUUID(),
      batch,
      limits,
    ]));
  });
  const [{ tenant_id: tenantId }] = claims;
  const ids = claims.map(({ connection_id }) => connection_id);
  const tenants = ids.map(() => tenantId);
  const load = await timed(() => database.query('select * from gk.load_claims($1, $2)', [tenants, ids]));
  const { rows } = await database.query(
    'select connection_id, sealed, data_key_id from gk.token_sets where connection_id = any ($1)',
    [ids],
  );
  const inADay = new Date(Date.now() + 86_400_000);
  const tokens = {
    contents: { scope: null },
    issuedAt: new Date(),
    expiresAt: inADay,
    refreshTokenExpiresAt: null,
    nextRenewalAt: inADay,
    renewAheadAt: null,
    grantEndsAt: null,
    rotating: true,
    singleUse: false,
    announce: false,
  };
  let { generation } = claims[0];
  const commits = (sets) =>
    sets.map(({ connection_id: connectionId, sealed, data_key_id: dataKeyId }) => ({
      claim: { tenantId, connectionId, generation },
      sealed,
      dataKeyId,
      tokens,
    }));
  const commit = await timed(async () => {
    const committed = await database.query(commitStatement, commitParameters(commits(rows)));
    if (!committed.rows.every((row) => row.written)) throw new Error('A renewal was not written down.');
    generation += 1;
  });
  return [
    [`lease and intent, ${batch} in one statement`, (claiming - preparing) / batch],
    [`credential, secrets and keys, ${batch} in one statement`, load / batch],
    [
      `commit: generation, tokens, due times, intents, pending grants, ${batch} in one statement`,
      commit / batch,
    ],
  ];
}

function sealing() {
  const key = randomBytes(32);
  const text = randomBytes(400).toString('hex');
  const sealed = encryptJwe(
    text,
    { kid: randomUUID(), dep: randomUUID(), ten: randomUUID(), row: randomUUID() },
    key,
  );
  const startedAt = performance.now();
  for (let turn = 0; turn < 2_000; turn += 1) {
    decryptJwe(sealed, key);
    decryptJwe(sealed, key);
    encryptJwe(text, { kid: 'k' }, key);
    encryptJwe(text, { kid: 'k' }, key);
  }
  return (performance.now() - startedAt) / 2_000;
}

async function journal() {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantkeeper-bench-'));
  const { own } = await openJournals(dataDir);
  const sealed = randomBytes(1_000).toString('hex');
  const write = async () => {
    const reservation = await own.reserve();
    const id = randomUUID();
    await reservation.write({ id, key: id, sealed });
    own.settle(id);
  };
  const ms = await timed(() => Promise.all(Array.from({ length: 64 }, write)));
  await own.close();
  rmSync(dataDir, { recursive: true, force: true });
  return ms / 64;
}
