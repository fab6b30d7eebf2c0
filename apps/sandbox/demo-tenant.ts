import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TIMEOUT_MS = 15_000;
const TOKEN_PATH = '/v1/tenants/demo/connections/contact-center/token';

/** A client that the simulated Vonage Contact Center knows from the start. */
const CREDENTIAL = {
  id: 'contact-center',
  provider: 'vonage-contact-center',
  client_id: 'a1b2c3d4e5',
  client_secret: '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=',
  settings: { region: 'emea' },
};

export type Demo = { keyFile: string; path: string } | { problem: string };

interface Place {
  readonly origin: string;
  readonly adminKey: string;
  readonly dataDir: string;
}

/**
 * A tenant to try things on, made through the public API like any other, once: a credential for the simulated
 * Vonage Contact Center, a connection, and a key that may read its tokens.
 *
 * @returns a problem never stops the start: the database may be one whose admin key we do not have
 */
export async function seedDemoTenant({ origin, adminKey, dataDir }: Place): Promise<Demo> {
  const keyFile = join(dataDir, 'demo-key');
  const demo = { keyFile, path: TOKEN_PATH };
  try {
    if (existsSync(keyFile) && (await works(origin, readFileSync(keyFile, 'utf8').trim()))) return demo;
    const create = creator(origin, adminKey);
    await create('/v1/tenants', { id: 'demo', name: 'Demo' });
    await create('/v1/tenants/demo/credentials', CREDENTIAL);
    await create('/v1/tenants/demo/connections', {
      id: 'contact-center',
      credential: CREDENTIAL.id,
      grant: 'client_credentials',
    });
    const made = await create('/v1/tenants/demo/api_keys', { name: 'demo', role: 'token_reader' });
    writeFileSync(keyFile, `${made.key}\n`, { mode: 0o600 });
    return demo;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function works(origin: string, key: string): Promise<boolean> {
  const response = await call(`${origin}${TOKEN_PATH}`, key);
  await response.body?.cancel();
  return response.ok;
}

function creator(origin: string, adminKey: string) {
  return async (path: string, body: object): Promise<{ key: string }> => {
    const response = await call(`${origin}${path}`, adminKey, body);
    const answer = (await response.json()) as { key: string; code?: string };
    // 409: an earlier start has made it.
    if (response.ok || response.status === 409) return answer;
    throw new Error(`POST ${path} answered ${response.status} ${answer.code ?? ''}`.trim());
  };
}

function call(url: string, key: string, body?: object): Promise<Response> {
  return fetch(url, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
