import type http from 'node:http';
import { type KeyServiceAnswer, KeyServiceCipher, KeyServiceStandIn } from './key-service-stand-in.js';

export interface TransitCall {
  readonly operation: string;
  /** The context that the key is bound to. */
  readonly associated: Readonly<Record<string, string>>;
}

/** The transit engine of Vault and OpenBao as far as it wraps data keys, mounted at `transit`, with one key of two versions. */
export class TransitStandIn extends KeyServiceStandIn {
  protected readonly contentType = 'application/json';
  latestVersion = 1;
  readonly calls: TransitCall[] = [];
  private readonly versions = [new KeyServiceCipher(), new KeyServiceCipher()];

  constructor(public token: string) {
    super();
  }

  protected answer(request: http.IncomingMessage, body: string): KeyServiceAnswer {
    if (this.mood === 'broken') return [503, { errors: ['Vault is sealed'] }];
    if (this.mood === 'refusing' || request.headers['x-vault-token'] !== this.token) {
      return [403, { errors: ['permission denied'] }];
    }
    const [, operation = ''] =
      /^\/v1\/transit\/(encrypt|decrypt)\/grantkeeper$/.exec(request.url ?? '') ?? [];
    if (request.method !== 'POST' || operation === '') return [404, { errors: [] }];
    const input = JSON.parse(body) as Record<'associated_data' | 'plaintext' | 'ciphertext', string>;
    const associated = Buffer.from(input.associated_data, 'base64').toString();
    this.calls.push({ operation, associated: JSON.parse(associated) });
    return operation === 'encrypt'
      ? this.encrypt(Buffer.from(input.plaintext, 'base64'), associated)
      : this.decrypt(input.ciphertext, associated);
  }

  private encrypt(plaintext: Buffer, associated: string): KeyServiceAnswer {
    const blob = this.versions[this.latestVersion - 1]?.encrypt(plaintext, associated);
    return [200, { data: { ciphertext: `vault:v${this.latestVersion}:${blob?.toString('base64')}` } }];
  }

  private decrypt(ciphertext: string, associated: string): KeyServiceAnswer {
    const [, version, blob = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
    if (version === undefined) return [400, { errors: ['invalid ciphertext: no prefix'] }];
    const plaintext = this.versions[Number(version) - 1]?.decrypt(Buffer.from(blob, 'base64'), associated);
    return plaintext
      ? [200, { data: { plaintext: plaintext.toString('base64') } }]
      : [400, { errors: ['cipher: message authentication failed'] }];
  }
}
