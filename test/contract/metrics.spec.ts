import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HoldRepository, HousekeepingRepository, InstallationRepository } from '#vault';
import { contactCenterClient } from '../support/onboarding.js';
import { scaled } from '../support/scale.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

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

  it('has as many series with hundreds of tenants more, each with a connection', async () => {
    const before = [...(await scrape()).keys()];
    await api.database.query(
      `do $$ declare tenant uuid; begin
         set local session_replication_role = replica;
         for n in 1..${scaled(300, 10_000)} loop
           insert into gk.tenants (id, slug, name) values (gen_random_uuid(), 'many-' || n, 'Many') returning id into tenant;
           insert into gk.connections (id, tenant_id, slug, credential_id, upstream, provider, "grant", renewal, status)
             values (gen_random_uuid(), tenant, 'main', gen_random_uuid(), 'upstream-' || n, 'vonage-contact-center', 'client_credentials', 'auto', 'active');
         end loop;
         insert into gk.connection_counts (provider, status, change)
           values ('vonage-contact-center', 'active', ${scaled(300, 10_000)});
       end $$`,
    );
    for (let n = 1; n <= scaled(30, 1_000); n += 1)
      expect((await api.admin('GET', `/v1/tenants/many-${n}/overview`)).status).toBe(200);
    const after = [...(await scrape()).keys()];
    process.stdout.write(
      `${scaled(300, 10_000)} tenants more: ${before.length} series, then ${after.length}\n`,
    );
    // No connection may have been active until now, and Node tells of a kind of garbage collection once there was one.
    const mayBeNew =
      /^grantkeeper_connections\{provider="vonage-contact-center",status="active"\}|^nodejs_gc_duration/;
    expect(after.filter((series) => !before.includes(series) && !mayBeNew.test(series))).toEqual([]);
    expect(before.filter((series) => !after.includes(series))).toEqual([]);
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

describe('the numbers of an overview', () => {
  it('of a tenant are which grants end and how the servers of its providers fare, and none of another tenant', async () => {
    const bolt = await api.tenant('bolt');
    const globex = await api.tenant();
    await Promise.all(['down', 'late', 'ends', 'paused'].map((id) => bolt.connect(id)));
    await globex.connect('stranger');
    const set = (slug: string, changed: string) =>
      api.database.query(`update gk.connections set ${changed} where slug = $1`, [slug]);
    const failed = (code: string, ago: string) =>
      `status = 'degraded', last_error = jsonb_build_object('code', '${code}', 'at', gk.now() - interval '${ago}')`;
    const overview = async () =>
      (await expectStatus(200, bolt.connector('GET', `${bolt.path}/overview`))).json;
    const { ending, upstreams } = await overview();
    expect(ending).toEqual([]);
    expect(upstreams).toEqual([
      {
        ...{ provider: 'vonage-contact-center', upstream: 'vonage-contact-center/emea', answers: true },
        ...{ renewals: expect.any(Number), p50_ms: expect.any(Number), p95_ms: expect.any(Number) },
        ...{ failures: {}, due: 0, lateness_seconds: 0 },
      },
    ]);
    expect(upstreams[0].renewals).toBeGreaterThanOrEqual(4);
    expect(upstreams[0].p95_ms).toBeGreaterThanOrEqual(upstreams[0].p50_ms);

    await set('stranger', `${failed('server_error', '0 s')}, grant_ends_at = gk.now()`);
    await set('late', `${failed('invalid_client', '2 h')}, next_renewal_at = gk.now() - interval '90 s'`);
    await set('paused', `paused = true, next_renewal_at = gk.now() - interval '5 h'`);
    await set('ends', `grant_ends_at = gk.now() + interval '6 days'`);
    await set('main', `grant_ends_at = gk.now() + interval '91 days'`);
    await set(
      'down',
      `${failed('upstream_timeout', '-1 s')}, refresh_token_expires_at = gk.now() + interval '3 h'`,
    );
    const after = await overview();
    expect(after.ending.map(({ connection }: { connection: string }) => connection)).toEqual([
      'down',
      'ends',
    ]);
    expect(after.upstreams).toMatchObject([{ answers: false, failures: { upstream_timeout: 1 }, due: 1 }]);
    expect(after.upstreams[0].lateness_seconds).toBeGreaterThanOrEqual(90);
    expect(after.upstreams[0].lateness_seconds).toBeLessThan(3_600);

    const all = (await expectStatus(200, api.admin('GET', '/v1/overview'))).json;
    expect(all.providers).toMatchObject([
      {
        ...{ provider: 'vonage-contact-center', connections: { degraded: 3, active: expect.any(Number) } },
        ...{ failures: { server_error: 1, upstream_timeout: 1 }, due: 1 },
      },
    ]);
    // The provider refuses in words, so its server is there.
    await set('down', failed('invalid_client', '-2 s'));
    expect((await overview()).upstreams).toMatchObject([{ answers: true, failures: { invalid_client: 1 } }]);
    await api.database.setClockOffset(3_700);
    expect((await overview()).upstreams).toMatchObject([
      { answers: null, failures: {}, renewals: 0, p50_ms: null },
    ]);
    await api.database.setClockOffset(0);
    await api.admin('DELETE', globex.path);
    for (const id of ['down', 'late', 'ends', 'paused'])
      await expectStatus(204, bolt.tenantAdmin('DELETE', `${bolt.path}/connections/${id}`));
  });
});
