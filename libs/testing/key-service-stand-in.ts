import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type http from 'node:http';
import { text } from 'node:stream/consumers';
import { type Loopback, serve } from './loopback.js';

export type KeyServiceAnswer = readonly [status: number, body: object];

/** A key service over real HTTP, which can be out of order in several ways. */
export abstract class KeyServiceStandIn {
  mood: 'up' | 'broken' | 'refusing' | 'silent' = 'up';
  /** Requests so far, answered or not. */
  requests = 0;
  private server: Loopback | undefined;

  protected abstract readonly contentType: string;
  protected abstract answer(request: http.IncomingMessage, body: string): KeyServiceAnswer;

  /** @returns its origin */
  async start(): Promise<string> {
    this.server = await serve((request, response) => void this.handle(request, response));
    return this.server.origin;
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    this.requests += 1;
    const body = await text(request);
    if (this.mood === 'silent') return;
    const [status, answer] = this.answer(request, body);
    response.writeHead(status, { 'content-type': this.contentType }).end(JSON.stringify(answer));
  }
}

/** AES-256-GCM under a key of its own, with associated data. */
export class KeyServiceCipher {
  private readonly key = randomBytes(32);

  encrypt(plaintext: Buffer, associated: string): Buffer {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv).setAAD(Buffer.from(associated));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
  }

  /** Undefined where anything differs. */
  decrypt(blob: Buffer, associated: string): Buffer | undefined {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, blob.subarray(0, 12), { authTagLength: 16 })
        .setAAD(Buffer.from(associated))
        .setAuthTag(blob.subarray(12, 28));
      return Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}
