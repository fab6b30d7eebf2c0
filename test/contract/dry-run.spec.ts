import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contactCenterClient } from '../support/onboarding.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

describe('?dry_run=true', () => {
  let api: RunningApi;
  let acme: RunningTenant;

  beforeAll(async () => {
    api = await runApi();
    acme = await api.tenant('acme');
  });
  afterAll(() => api?.close());

  const rows = async () =>
    api.database.query(`select (select count(*) from gk.tenants) as tenants,
      (select count(*) from gk.tenant_keys) as keys, (select count(*) from gk.credentials) as credentials,
      (select count(*) from gk.connections) as connections, (select count(*) from gk.connection_events) as events,
      (select count(*) from gk.pending_grants) as grants, (select count(*) from gk.api_keys) as api_keys`);
  const tryOut = (path: string, body: object, more = '') =>
    acme.tenantAdmin('POST', `${acme.path}${path}?dry_run=true${more}`, body);
  const wanted = { id: 'main', credential: 'client', grant: 'client_credentials' };
  const client = { id: 'second', ...contactCenterClient };

  it('answers 200 with what would be made, saves nothing, and is in the audit trail as what it was', async () => {
    const before = await rows();
    const tenant = await api.admin('POST', '/v1/tenants?dry_run=true', { id: 'hooli', name: 'Hooli' });
    expect(tenant).toMatchObject({ status: 200, json: { id: 'hooli', name: 'Hooli' } });
    expect(await tryOut('/credentials', client)).toMatchObject({ status: 200, json: { id: 'second' } });
    expect(await tryOut('/credentials', client, '&verify=true')).toMatchObject({ status: 200 });
    const labels = { team: 'sales' };
    expect(await tryOut('/connections', { ...wanted, labels }, '&verify=true')).toMatchObject({
      status: 200,
      json: { id: 'main', status: 'pending', labels },
    });
    expect(await rows()).toEqual(before);
    await expectStatus(404, acme.tenantAdmin('GET', `${acme.path}/connections/main`));
    const events = (await acme.tenantAdmin('GET', `${acme.path}/audit_events?limit=200`)).json.items;
    const tried = events.filter((event: { outcome: string }) => event.outcome === 'dry_run');
    expect(tried).toHaveLength(3);
  });

  it('asks the provider for no token: an imported one may work once', async () => {
    const silent = {
      id: 'silent',
      provider: 'generic-oauth2',
      client_id: 'app',
      client_secret: 'secret',
      settings: { token_endpoint: 'http://127.0.0.1:9/token' },
    };
    await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/credentials`, silent));
    const imported = { id: 'main', credential: 'silent', grant: 'refresh_token', refresh_token: 'good once' };
    const before = await rows();
    await expectStatus(200, tryOut('/connections', imported));
    await expectStatus(503, acme.tenantAdmin('POST', `${acme.path}/connections`, imported));
    expect(await rows()).toEqual(before);
  });

  it('refuses what the call itself refuses', async () => {
    await acme.connect('taken');
    await expectStatus(409, api.admin('POST', '/v1/tenants?dry_run=true', { id: 'acme', name: 'Acme' }));
    await expectStatus(400, api.admin('POST', '/v1/tenants?dry_run=true', { id: 'No slug', name: 'x' }));
    await expectStatus(409, tryOut('/credentials', { ...client, id: 'client' }));
    await expectStatus(400, tryOut('/credentials', { ...client, settings: {} }));
    const wrong = { ...client, client_secret: 'wrong' };
    await expectStatus(200, tryOut('/credentials', wrong));
    await expectStatus(422, tryOut('/credentials', wrong, '&verify=true'));
    await expectStatus(409, tryOut('/connections', { ...wanted, id: 'taken' }));
    await expectStatus(400, tryOut('/connections', { ...wanted, credential: 'nobody' }));
    await expectStatus(400, tryOut('/connections', { ...wanted, grant: 'password' }));
    await expectStatus(403, acme.reader('POST', `${acme.path}/connections?dry_run=true`, wanted));
    await expectStatus(400, api.admin('POST', '/v1/tenants?dry_run=maybe', { id: 'hooli', name: 'Hooli' }));
  });

  it('is refused where it is not known, so that nothing is done that was to be tried', async () => {
    const before = await rows();
    const key = { name: 'x', role: 'token_reader' };
    await expectStatus(400, acme.tenantAdmin('POST', `${acme.path}/api_keys?dry_run=true`, key));
    await expectStatus(400, acme.tenantAdmin('DELETE', `${acme.path}/connections/taken?dry_run=true`));
    await expectStatus(400, api.admin('DELETE', '/v1/tenants/acme?dry_run=false'));
    expect(await rows()).toEqual(before);
  });
});
