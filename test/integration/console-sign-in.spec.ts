import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { expectStatus, type RunningApi, runApi } from '../contract/running-api.js';
import { hasChromium, startChromium } from '../support/chromium.js';
import { type ConsolePage, openConsole, Watched } from '../support/console-page.js';
import { ssoClient, ssoSettings, startConsoleIssuer } from '../support/console-sso.js';
import { freePort } from '../support/free-port.js';

(hasChromium ? describe : describe.skip)('single sign-on in a browser', () => {
  let api: RunningApi;
  let browser: Browser;
  let admin: ConsolePage;
  let issuer: Awaited<ReturnType<typeof startConsoleIssuer>>;
  const watched = new Watched();

  beforeAll(async () => {
    const port = await freePort();
    issuer = await startConsoleIssuer([`http://127.0.0.1:${port}/console/sso/callback`]);
    Object.assign(process.env, ssoSettings(issuer.server, []));
    [api, browser] = await Promise.all([runApi(port), startChromium()]);
    const acme = await api.tenant('acme');
    await expectStatus(
      201,
      acme.tenantAdmin('POST', `${acme.path}/workload_identities`, {
        ...{ issuer: issuer.server.issuer, audience: ssoClient.client_id },
        ...{ match: { sub: 'ada' }, role: 'tenant_admin' },
      }),
    );
    admin = await openConsole(await browser.newContext(), watched);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await api?.close();
    await issuer?.server.close();
  });

  /** On the provider's own pages: who it is, and that the console may know. */
  async function signInAtIssuer(page: Page): Promise<void> {
    await page.locator('input[name=login]').fill('ada');
    await page.locator('input[name=password]').fill('x');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  async function cookie(): Promise<string> {
    const cookies = await admin.page.context().cookies(api.origin);
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  it('comes in by a click, signs in again in a tab, and goes out', async () => {
    const { page } = admin;
    await page.goto(`${api.origin}/console`);
    const button = page.getByRole('link', { name: 'Sign in with single sign-on' });
    await button.waitFor();
    expect(await admin.barriers('light', 'dark')).toEqual([]);
    await button.click();
    await signInAtIssuer(page);
    await admin.heading('Overview');
    await page.getByText('tenant admin', { exact: true }).waitFor();

    await admin.follow('API keys');
    await api.database.setClockOffset(601);
    await admin.fill('Name of the new key', 'made after signing in again');
    await page.getByRole('form', { name: 'New API key' }).locator('button[type=submit]').click();
    const again = page.getByRole('dialog').getByRole('link', { name: 'Sign in again with single sign-on' });
    await again.waitFor();
    // The issuer does not share the clock of the database.
    await api.database.setClockOffset(0);
    const opened = page.context().waitForEvent('page');
    await again.click();
    const before = await cookie();
    await signInAtIssuer(await opened);
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByText('made after signing in again').first().waitFor();
    const { items } = (await api.admin('GET', '/v1/tenants/acme/api_keys')).json;
    expect(items.map(({ name }: { name: string }) => name)).toContain('made after signing in again');

    const now = await cookie();
    const look = async (sent: string) =>
      (
        await api.anonymous('GET', '/console/session', undefined, {
          cookie: sent,
          'x-grantkeeper-console': '1',
        })
      ).status;
    expect([await look(before), await look(now)]).toEqual([401, 200]);
    await admin.click('Sign out');
    await page.waitForURL((url) => url.origin === issuer.server.issuer);
    expect(await look(now)).toBe(401);
    expect(watched.complaints).toEqual([]);
  }, 60_000);
});
