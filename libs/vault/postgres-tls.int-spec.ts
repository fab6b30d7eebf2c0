import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { eventually } from '#testing';
import { type OwnPostgres, startOwnPostgres } from '../../test/support/own-postgres.js';
import { selfSigned } from '../../test/support/self-signed.js';
import { dataSourceOptions } from './data-source-options.js';

const ssl = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';

let postgres: OwnPostgres;
let folder: string;
let ca: string;
let otherCa: string;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  folder = mkdtempSync(join(tmpdir(), 'gk-tls-'));
  const own = selfSigned();
  ca = kept('ca.pem', own.cert);
  otherCa = kept('other.pem', selfSigned().cert);
  await present(own);
});
afterAll(async () => {
  await postgres.remove();
  rmSync(folder, { recursive: true });
});

function kept(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** Has the server show that certificate from now on. */
async function present({ key, cert }: { key: string; cert: string }): Promise<void> {
  const [{ data_directory: data } = { data_directory: '' }] = await postgres.query<{
    data_directory: string;
  }>('show data_directory');
  const { uid, gid } = statSync(data);
  for (const [name, text] of Object.entries({ 'server.key': key, 'server.crt': cert })) {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    chownSync(join(data, name), uid, gid);
  }
  await postgres.query('alter system set ssl = on');
  await postgres.query('select pg_reload_conf()');
  await eventually(async () => expect(await postgres.query('show ssl')).toEqual([{ ssl: 'on' }]));
}

/** @param query of the URL, as an operator writes it */
function urlWith(query: Record<string, string>): string {
  const url = new URL(postgres.url());
  url.hostname = 'localhost';
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** As the pool of api and worker connects, and as their session that listens does. */
async function encrypted(query: Record<string, string>): Promise<boolean[]> {
  const client = new Client({ connectionString: urlWith(query) });
  await client.connect();
  const { rows } = await client.query<{ ssl: boolean }>(ssl);
  await client.end();
  const dataSource = await new DataSource(dataSourceOptions(urlWith(query), 1)).initialize();
  const ofPool = await dataSource.query<{ ssl: boolean }[]>(ssl);
  await dataSource.destroy();
  return [...rows, ...ofPool].map((row) => row.ssl);
}

/** Why neither of the two connects. */
async function refusals(query: Record<string, string>): Promise<unknown[]> {
  const codeOf = (error: { code?: string }) => error.code;
  const client = new Client({ connectionString: urlWith(query) });
  const ofClient = await client.connect().then(() => 'connected', codeOf);
  const dataSource = new DataSource(dataSourceOptions(urlWith(query), 1));
  const ofPool = await dataSource.initialize().then(() => 'connected', codeOf);
  if (dataSource.isInitialized) await dataSource.destroy();
  if (ofClient === 'connected') await client.end();
  return [ofClient, ofPool];
}

describe('TLS to PostgreSQL', () => {
  it.each(['require', 'verify-ca', 'verify-full'])(
    'by sslmode=%s is there, the server proved',
    async (sslmode) => {
      expect(await encrypted({ sslmode, sslrootcert: ca })).toEqual([true, true]);
    },
  );

  it.each(['prefer', 'require', 'verify-ca', 'verify-full'])(
    'by sslmode=%s ends at another server',
    async (sslmode) => {
      const stranger = ['DEPTH_ZERO_SELF_SIGNED_CERT', 'DEPTH_ZERO_SELF_SIGNED_CERT'];
      expect(await refusals({ sslmode, sslrootcert: otherCa })).toEqual(stranger);
      expect(await refusals({ sslmode })).toEqual(stranger);
    },
  );

  it('is not proved by sslmode=no-verify, and not there without sslmode', async () => {
    expect(await encrypted({ sslmode: 'no-verify' })).toEqual([true, true]);
    expect(await encrypted({})).toEqual([false, false]);
  });

  it('ends at a server of another name that the same authority vouches for', async () => {
    const elsewhere = selfSigned('db.example.com');
    await present(elsewhere);
    const sslrootcert = kept('elsewhere.pem', elsewhere.cert);
    await eventually(async () =>
      expect(await refusals({ sslmode: 'verify-full', sslrootcert })).toEqual([
        'ERR_TLS_CERT_ALTNAME_INVALID',
        'ERR_TLS_CERT_ALTNAME_INVALID',
      ]),
    );
  });
});
