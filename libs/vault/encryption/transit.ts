import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { SettingsError } from '#config';
import { VaultError } from '../vault.errors.js';
import type { NewDataKey } from './kek-provider.js';
import type { KeyContext, KeyServiceClient } from './key-service.js';

const encrypted = z.object({ data: z.object({ ciphertext: z.string().regex(/^vault:v\d+:/) }) });
const decrypted = z.object({ data: z.object({ plaintext: z.base64() }) });
const refused = z.object({ errors: z.array(z.string()) });

/** Its answers to a ciphertext that was changed or moved, or made under another key. */
const notOurs = /message authentication failed|invalid ciphertext/;

class Refused extends Error {}

/** A key of the transit engine of HashiCorp Vault or OpenBao, of an AEAD type. */
export class Transit implements KeyServiceClient {
  readonly name = 'transit';

  /**
   * @param keyUrl `https://<host>/v1/<mount>/keys/<name>`
   * @param token may be another one each time
   */
  constructor(
    private readonly keyUrl: string,
    private readonly token: () => string,
  ) {}

  async newDataKey(context: KeyContext, signal: AbortSignal): Promise<NewDataKey> {
    const dataKey = randomBytes(32);
    return { dataKey, wrapped: await this.encrypt(dataKey, context, signal) };
  }

  async encrypt(dataKey: Uint8Array, context: KeyContext, signal: AbortSignal): Promise<string> {
    const plaintext = Buffer.from(dataKey).toString('base64');
    const response = await this.post('encrypt', { plaintext, ...bound(context) }, signal);
    if (!response.ok) throw new Refused(`HTTP ${response.status}`);
    return encrypted.parse(await response.json()).data.ciphertext;
  }

  async decrypt(wrapped: string, context: KeyContext, signal: AbortSignal): Promise<Uint8Array> {
    const response = await this.post('decrypt', { ciphertext: wrapped, ...bound(context) }, signal);
    if (response.ok) return Buffer.from(decrypted.parse(await response.json()).data.plaintext, 'base64');
    const { data } = refused.safeParse(await response.json().catch(() => undefined));
    if (response.status === 400 && data?.errors.some((text) => notOurs.test(text))) {
      throw new VaultError('cannot_open');
    }
    throw new Refused(`HTTP ${response.status}`);
  }

  reasonOf(error: unknown): string {
    if (error instanceof Refused) return error.message;
    if (error instanceof SettingsError) return error.message.replace(/\.$/, '');
    if (error instanceof z.ZodError) return 'an answer of another form';
    if (!(error instanceof Error)) return 'failed';
    const { code } = (error.cause ?? error) as { code?: unknown };
    return typeof code === 'string' ? code : 'no answer';
  }

  private post(verb: 'encrypt' | 'decrypt', body: object, signal: AbortSignal): Promise<Response> {
    const url = this.keyUrl.replace(/\/keys\/([^/]+)$/, `/${verb}/$1`);
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-vault-token': this.token(),
        'x-vault-request': 'true',
      },
      body: JSON.stringify(body),
      // The token goes nowhere else.
      redirect: 'error',
      signal,
    });
  }
}

/** As associated data; a derived key takes it as its context, which other keys do not look at. */
function bound(context: KeyContext): { associated_data: string; context: string } {
  const bytes = Buffer.from(JSON.stringify(context)).toString('base64');
  return { associated_data: bytes, context: bytes };
}
