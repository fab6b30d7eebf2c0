import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HoldRepository, HousekeepingRepository, InstallationRepository } from '#vault';
import { contactCenterClient } from '../support/onboarding.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
/** Of what ran earlier in this process. */
let earlier: ReadonlyMap<string, number>;
beforeAll(async () => {
  api = await runApi();
  earlier = await scrape();
  acme = await api.tenant('acme');
  await acme.connect('main');
});
afterAll(() => api.close());

/** `name{label="value"} number` as name and labels, number. */
async function scrape(): Promise<Map<string, number>> {
  const { status, text, headers } = await api.anonymous('GET', '/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** By how much counters have grown since this suite began. */
const grown = (metrics: ReadonlyMap<string, number>) => (name: string) =>
  (metrics.get(name) ?? 0) - (earlier.get(name) ?? 0);

describe('/metrics', () => {
  it('counts every token read, from memory or not, and how long it took', async () => {
    const atFirst = grown(await scrape());
    const served = 'grantkeeper_token_reads_total{result="served"}';
    const read = `${acme.path}/connections/main/token`;
    for (let n = 0; n < 5; n += 1) expect((await acme.reader('GET', read)).status).toBe(200);
    expect((await acme.reader('GET', `${acme.path}/connections/none/token`)).status).toBe(404);
    const atLast = grown(await scrape());
    expect(atLast(served) - atFirst(served)).toBe(5);
    expect(atLast('grantkeeper_token_reads_total{result="not_found"}')).toBe(1);
    expect(atLast('grantkeeper_token_read_seconds_count')).toBe(atLast(served) + 1);
    expect(atLast('grantkeeper_token_read_seconds_bucket{le="+Inf"}')).toBe(atLast(served) + 1);
  });

  it('counts renewals and requests by provider', async () => {
    expect((await acme.tenantAdmin('POST', `${acme.path}/connections/main/renew`)).status).toBe(200);
    expect((await acme.reader('GET', `${acme.path}/connections/main/token`)).status).toBe(200);
    const metrics = await scrape();
    const count = grown(metrics);
    const provider = 'vonage-contact-center';
    expect(count(`grantkeeper_renewals_total{provider="${provider}",outcome="renewed"}`)).toBe(2);
    expect(count(`grantkeeper_renewal_seconds_count{provider="${provider}"}`)).toBe(2);
    expect(count(`grantkeeper_upstream_requests_total{provider="${provider}",class="2xx"}`)).toBe(2);
    for (const name of [
      'grantkeeper_cache_entries{cache="tokens"}',
      'grantkeeper_cache_entries{cache="callers"}',
    ])
      expect(metrics.get(name)).toBeGreaterThan(0);
    expect(metrics.get('grantkeeper_journal_entries')).toBe(0);
    expect(metrics.get('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('has the numbers of the installation: kept by triggers, and the same once they were added up', async () => {
    const installation = api.app.get(InstallationRepository);
    const counted = () =>
      api.database.query(
        `select provider, status, count(*)::integer as count from gk.connections group by 1, 2 order by 1, 2`,
      );
    const kept = async () => {
      const { connections } = await installation.counts();
      return connections.sort((a, b) =>
        `${a.provider} ${a.status}`.localeCompare(`${b.provider} ${b.status}`),
      );
    };
    const globex = await api.tenant('globex');
    for (const id of ['one', 'two', 'three']) await globex.connect(id);
    await api.database.query(`update gk.connections set status = 'degraded' where slug in ('one', 'two')`);
    await api.database.query(
      `update gk.connections set status = 'degraded', failed_attempts = 2 where slug = 'one'`,
    );
    await api.database.query(
      `update gk.connections set grant_ends_at = gk.now() + interval '30 hours', next_renewal_at = gk.now() - interval '20 s' where slug = 'two'`,
    );
    expect((await globex.tenantAdmin('DELETE', `${globex.path}/connections/three`)).status).toBe(204);
    expect(await kept()).toEqual(await counted());
    expect(await kept()).toContainEqual({ provider: 'vonage-contact-center', status: 'degraded', count: 2 });
    await api.app.get(HousekeepingRepository).cleanUp(100);
    expect(await api.database.query('select count(*)::integer as rows from gk.connection_counts')).toEqual([
      { rows: 2 },
    ]);
    expect(await kept()).toEqual(await counted());

    const numbers = await installation.counts();
    expect(numbers).toMatchObject({ expiring: { '1d': 0, '7d': 1, '14d': 1 }, dueBacklog: 1, held: false });
    expect(numbers.latenessSeconds).toBeGreaterThanOrEqual(20);
    await api.app.get(HoldRepository).hold('database_behind', {});
    expect(await installation.counts()).toMatchObject({ held: true });
    await api.app.get(HoldRepository).release('test');

    expect((await api.admin('DELETE', '/v1/tenants/globex')).status).toBe(204);
    expect(await kept()).toEqual(await counted());
  });

  it('names no tenant, no connection and no key', async () => {
    const { text } = await api.anonymous('GET', '/metrics');
    for (const private_ of ['acme', 'globex', '"main"', contactCenterClient.client_id])
      expect(text).not.toContain(private_);
  });

  it('has no metric that docs/metrics.md leaves out, and none there that is not here', async () => {
    const { text } = await api.anonymous('GET', '/metrics');
    const named = (of: string, pattern: RegExp) =>
      [...new Set([...of.matchAll(pattern)].map(([, name]) => name))].sort();
    const documented = readFileSync('docs/metrics.md', 'utf8');
    expect(named(documented, /^\| `(grantkeeper_\w+)/gm)).toEqual(named(text, /^# HELP (grantkeeper_\w+)/gm));
  });

  it('is for this machine, and with a platform key for others', async () => {
    const forwarded = { 'x-forwarded-for': '192.0.2.1' };
    expect((await api.anonymous('GET', '/metrics', undefined, forwarded)).status).toBe(401);
    expect((await acme.tenantAdmin('GET', '/metrics', undefined, forwarded)).status).toBe(403);
    expect((await api.admin('GET', '/metrics', undefined, forwarded)).status).toBe(200);
  });
});
