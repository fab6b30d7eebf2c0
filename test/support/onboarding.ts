import type { Client } from './http.js';

/** The account of the vendor's own example, which the sandbox knows. */
export const contactCenterClient = {
  provider: 'vonage-contact-center',
  client_id: 'a1b2c3d4e5',
  client_secret: '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=',
  settings: { region: 'emea' },
} as const;

/** A tenant with one credential and one connection of client credentials, and a key that reads its token. */
export async function onboard(
  admin: Client,
  { tenant = 'acme', credential = contactCenterClient as object, connection = 'main' } = {},
): Promise<{ tokenPath: string; connectionPath: string; readerKey: string }> {
  await onboardClient(admin, tenant, credential);
  const body = { id: connection, credential: 'client', grant: 'client_credentials' };
  await expectStatus(admin('POST', `/v1/tenants/${tenant}/connections`, body), 201);
  const key = await expectStatus(
    admin('POST', `/v1/tenants/${tenant}/api_keys`, { name: 'reader', role: 'token_reader' }),
    201,
  );
  const connectionPath = `/v1/tenants/${tenant}/connections/${connection}`;
  return { tokenPath: `${connectionPath}/token`, connectionPath, readerKey: key.json.key };
}

/** A tenant, with client credentials that are called `client`. */
export async function onboardClient(admin: Client, tenant: string, credential: object): Promise<void> {
  await expectStatus(admin('POST', '/v1/tenants', { id: tenant, name: tenant }), 201);
  await expectStatus(
    admin('POST', `/v1/tenants/${tenant}/credentials`, { id: 'client', ...credential }),
    201,
  );
}

async function expectStatus<T extends { status: number; text: string }>(
  answer: Promise<T>,
  status: number,
): Promise<T> {
  const got = await answer;
  if (got.status !== status) throw new Error(`Expected ${status}, got ${got.status}: ${got.text}`);
  return got;
}
