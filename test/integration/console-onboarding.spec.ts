import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { WorkerModule } from '../../apps/worker/worker.module.js';
import { type RunningApi, runApi } from '../contract/running-api.js';
import { hasChromium, startChromium } from '../support/chromium.js';
import { type ConsolePage, openConsole, Watched } from '../support/console-page.js';
import { freePort } from '../support/free-port.js';
import { clientOf } from '../support/http.js';
import { type OidcServer, startOidcServer } from '../support/oidc-server.js';
import { contactCenterClient } from '../support/onboarding.js';
import { Pictures } from '../support/pictures.js';

const deviceClient = { client_id: 'television', client_secret: 'television-secret-0123456789-0123456789' };
const business = { client_id: 'vbc', client_secret: 'Secret0of0vbc' };
const businessOfAda = { client_id: 'vbc-code', client_secret: 'Secret0of0vbc0code' };
const canada = { client_id: 'n2p', client_secret: 'secret-of-n2p-0123456789' };
const application = '11111111-2222-3333-4444-555555555555';
const phone = '+447700900001';
const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });

/** Two windows and axe take their time on a busy machine. */
jest.setTimeout(120_000);

(hasChromium ? describe : describe.skip)('onboarding in the console, by clicks alone', () => {
  let api: RunningApi;
  let worker: INestApplicationContext;
  let oidc: OidcServer;
  let browser: Browser;
  let context: BrowserContext;
  let admin: ConsolePage;
  const watched = new Watched();
  const pictures = new Pictures();
  const roleOf = (role: string) => ({ name: 'a', role });

  beforeAll(async () => {
    [api, browser, oidc] = await Promise.all([
      runApi(await freePort()),
      startChromium(),
      startDeviceServer(),
    ]);
    worker = await NestFactory.createApplicationContext(WorkerModule, { logger: false });
    const acme = await api.tenant('acme');
    const { key } = (await acme.tenantAdmin('POST', `${acme.path}/api_keys`, roleOf('tenant_admin'))).json;
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    admin = await openConsole(context, watched);
    await admin.signIn(api.origin, key);
    await admin.heading('Overview');
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await worker?.close();
    await api?.close();
    await oidc?.close();
  });

  const connection = async (id: string) =>
    (await api.admin('GET', `/v1/tenants/acme/connections/${id}`)).json;

  /** As in the dashboard of the provider. */
  const register = (provider: string, credential: string, client: object) =>
    clientOf(api.sandbox.origin)('POST', '/_control/clients', {
      provider,
      ...client,
      redirect_uris: [`${api.origin}/v1/callback/acme/${credential}`],
    });

  async function consentInPopup(): Promise<Page> {
    const opened = context.waitForEvent('page');
    await admin.click('Open the provider’s page');
    const popup = await opened;
    watched.watch(popup);
    await popup.locator('button[value=approve]').click();
    return popup;
  }

  it('Vonage Contact Center: client credentials', async () => {
    await admin.newCredential(contactCenterClient.provider, 'contact-center', {
      client_id: contactCenterClient.client_id,
      client_secret: contactCenterClient.client_secret,
      region: contactCenterClient.settings.region,
    });
    await admin.connect('client_credentials', 'contact-center');
    await admin.says('active');
    await admin.page.getByText('curl -s -H "Authorization: Bearer $GRANTKEEPER_KEY"').waitFor();
    for (const [language, words] of [
      ['Node.js', 'await fetch('],
      ['Python', 'urllib.request.urlopen'],
      ['Java', 'HttpRequest.newBuilder'],
    ] as const) {
      await admin.choose('Language', language);
      await admin.page.getByText(words).waitFor();
    }
  });

  it('Vonage Business Communications: a password, which is not kept on the page', async () => {
    await register('vonage-business', 'vbc', business);
    await admin.newCredential('vonage-business', 'vbc', business);
    await admin.connect('password', 'vbc', { username: 'ada', password: 'sandbox-password' });
    await admin.says('active');
    expect(await admin.page.content()).not.toContain('sandbox-password');
  });

  it.each([
    ['Net2Phone Canada', 'net2phone-canada', 'n2p', canada],
    ['Vonage Business Communications', 'vonage-business', 'vbc-code', businessOfAda],
  ])(
    '%s: a code in a window of its own, which finds its way back by itself',
    async (_, provider, id, client) => {
      await register(provider, id, client);
      await admin.newCredential(provider, id, client);
      await admin.connect('authorization_code', id);
      await admin.says('pending');
      expect(await admin.barriers('light')).toEqual([]);
      const popup = await consentInPopup();
      await popup.getByRole('heading', { name: 'Connected' }).waitFor();
      expect(new URL(popup.url()).origin).toBe(api.origin);
      await admin.says('active');
      await popup.close();
      expect(await connection(id)).toMatchObject({ provider, status: 'active', generation: 1 });
    },
  );

  it('Vonage Network APIs: CIBA, whose state is live', async () => {
    const [public_key, private_key] = [
      keys.publicKey.export({ type: 'spki', format: 'pem' }),
      String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ];
    await register('vonage-network', 'network', { client_id: application, public_key });
    await api.sandbox.behave({ provider: 'vonage-network', switches: { ciba_interval: 1 } });
    await admin.newCredential('vonage-network', 'network', { client_id: application, private_key });
    await admin.fill('Scope', 'dpv:FraudPreventionAndDetection#check-sim-swap');
    await admin.connect('ciba', 'network', { login_hint: phone });
    await admin.says('pending');
    await admin.page.getByText('sent a request to the user’s device').waitFor();
    expect(await admin.barriers('dark')).toEqual([]);
    await admin.says('active');
  });

  it('a server of generic OAuth 2.0: the code of a device, large', async () => {
    await admin.newCredential('generic-oauth2', 'tv', { ...deviceClient, issuer: oidc.issuer });
    await admin.fill('Scope', 'openid offline_access');
    await admin.connect('device_code', 'tv');
    const code = admin.page.getByLabel('Code', { exact: true });
    const box = await code.boundingBox();
    expect(box?.height).toBeGreaterThan(40);
    await pictures.take(admin, 'device-code', 'phone-light');
    await oidc.approveDevice((await code.textContent()) ?? '', 'ada');
    await admin.says('active');
  });

  it('a preset, found by a part of its name', async () => {
    await clientOf(api.sandbox.origin)('POST', '/_control/clients', {
      provider: 'generic-oauth2',
      client_id: 'bw',
      client_secret: 'secret-of-bw-0123456789',
    });
    await admin.newCredential('bandw / preset bandwidth', 'bw', {
      client_id: 'bw',
      client_secret: 'secret-of-bw-0123456789',
      // The server that stands in for it.
      token_endpoint: `${api.sandbox.origin}/generic/token`,
    });
    await admin.connect('client_credentials', 'bw');
    await admin.says('active');
  });

  it('many connections from CSV: tried, made, and not made again', async () => {
    const rows = ['main', 'second', 'third'].map(
      (id) => `acme,${id},contact-center,client_credentials,${id}`,
    );
    const text = ['tenant,id,credential,grant,label:team', ...rows, 'acme,bad,none,client_credentials,x'];
    await admin.follow('Connections');
    await admin.follow('Import');
    await admin.fill('Or paste it here', text.join('\n'));
    await admin.click('Try it, and make nothing');
    await admin.says('3 would be made, 1 refused');
    await admin.page.getByText('credential: is not a credential of this tenant').waitFor();
    expect((await connection('second')).code).toBe('not_found');
    expect(await admin.barriers('light', 'dark')).toEqual([]);
    await admin.click('Import');
    await admin.says('3 made, 1 refused');
    expect(await connection('third')).toMatchObject({ status: 'active', labels: { team: 'third' } });
    await admin.click('Import');
    await admin.says('3 is there already, 1 refused');
  });

  it('shows a grant that has ended without being asked, and why; four clicks repair it', async () => {
    await admin.follow('Overview');
    await admin.heading('Needs you');
    const needing = admin.page.getByRole('region', { name: 'Needs you' }).getByRole('link', { name: 'n2p' });
    expect(await needing.count()).toBe(0);
    await api.sandbox.revokeGrants(canada.client_id);
    await api.admin('POST', '/v1/tenants/acme/connections/n2p/renew');
    await needing.waitFor();
    await api.database.query(
      `update gk.connections set grant_ends_at = gk.now() + make_interval(hours => case slug when 'tv' then 9 when 'vbc' then 130 else 1100 end)
       where slug in ('tv', 'vbc', 'network')`,
    );
    await admin.page.reload();
    await admin.page.getByText('Within 7 days: 1').waitFor();
    expect(await admin.page.locator('.timeline i').count()).toBe(3);
    await admin.page
      .getByRole('row', { name: /^net2phone-canada answers/ })
      .getByText('invalid grant: 1')
      .waitFor();
    await admin.page.getByRole('heading', { name: 'The last 24 hours' }).scrollIntoViewIfNeeded();
    await admin.page.locator('.recharts-bar-rectangle').first().waitFor();
    expect(await admin.barriers('light', 'dark')).toEqual([]);
    await pictures.take(admin, 'overview', 'desktop-light', 'desktop-dark', 'phone-light');
    admin.clicks = 0;
    await admin.follow('n2p');
    await admin.page.getByRole('alert').getByText('Authorise').first().waitFor();
    await pictures.take(admin, 'connection', 'desktop-dark', 'phone-dark');
    await admin.click('Re-authorise');
    const popup = await consentInPopup();
    admin.clicks += 1;
    await popup.getByRole('heading', { name: 'Connected' }).waitFor();
    await admin.says('active');
    expect(admin.clicks).toBeLessThanOrEqual(4);
    await popup.close();
  });

  it('asks before it takes a consent that was begun in another browser', async () => {
    const begun = await api.admin('POST', '/v1/tenants/acme/connections/n2p/authorize', {
      return_url: `${api.origin}/console/tenants/acme/returned`,
    });
    const before = (await connection('n2p')).generation;
    const window = await context.newPage();
    await window.goto(begun.json.authorization_url);
    await window.locator('button[value=approve]').click();
    await window.getByText('was not begun in this browser').waitFor();
    expect((await connection('n2p')).generation).toBe(before);
    await window.getByRole('button', { name: 'Finish connecting n2p' }).click();
    await window.getByRole('heading', { name: 'Connected' }).waitFor();
    await window.close();
  });

  it('shows markup as the text that it is', async () => {
    const mark = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const path = '/v1/tenants/acme';
    await api.admin('PATCH', path, { name: mark });
    await api.admin('POST', `${path}/api_keys`, { name: mark, role: 'connector' });
    await api.admin('PATCH', `${path}/connections/n2p`, { labels: { mark: '<b>bold</b>' } });
    for (const [name, text] of [
      ['API keys', mark],
      ['Audit', '<img src=x'],
      ['Settings', 'Renewal weight'],
    ] as const) {
      await admin.follow(name);
      await admin.heading(name);
      await admin.page
        .getByText(text)
        .first()
        .waitFor({ state: name === 'Audit' ? 'attached' : 'visible' });
    }
    expect(await admin.page.locator('img, #root script').count()).toBe(0);
    expect(await admin.page.evaluate('window.hacked')).toBeUndefined();
  });

  it('is used without a mouse', async () => {
    const { keyboard } = admin.page;
    const tabTo = async (text: string) => {
      for (let tabs = 0; tabs < 60; tabs += 1) {
        await keyboard.press('Tab');
        if ((await admin.page.evaluate('document.activeElement.textContent')) === text) return;
      }
      throw new Error(`No Tab leads to ${text}.`);
    };
    await tabTo('Connections');
    await keyboard.press('Enter');
    await admin.heading('Connections');
    await admin.page.getByRole('link', { name: 'third' }).waitFor();
    await tabTo('third');
    await keyboard.press('Enter');
    await admin.heading('third');
    await tabTo('Renew');
    await keyboard.press('Enter');
    await admin.says('Renewed.');
  });

  it('shows the administrator of another tenant nothing', async () => {
    const globex = await api.tenant('globex');
    const { key } = (await globex.tenantAdmin('POST', `${globex.path}/api_keys`, roleOf('tenant_admin')))
      .json;
    const stranger = await openConsole(await browser.newContext(), watched);
    await stranger.signIn(api.origin, key);
    await stranger.heading('Overview');
    for (const path of ['', '/connections/n2p', '/audit']) {
      await stranger.page.goto(`${api.origin}/console/tenants/acme${path}`);
      await stranger.page.getByRole('alert').first().waitFor();
      expect(await stranger.page.locator('#content').textContent()).not.toMatch(/n2p-|ada|contact-center/);
    }
    await stranger.page.context().close();
  });

  it('has broken no rule of its policy', () => {
    expect(watched.complaints).toEqual([]);
  });
});

function startDeviceServer(): Promise<OidcServer> {
  return startOidcServer({
    clients: [
      {
        ...deviceClient,
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    issueRefreshToken: async () => true,
    findAccount: async (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    features: { deviceFlow: { enabled: true } },
  });
}
