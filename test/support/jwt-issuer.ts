import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function newSigningKey(kid: string, alg = 'RS256', use?: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, ...(use === undefined ? {} : { use }) };
  return { kid, alg, privateKey, publicJwk };
}

/** An issuer of JWTs over real HTTP: its metadata, its keys, and how often each was asked for. */
export class JwtIssuer {
  /** The keys its JWKS has now. */
  published: readonly JWK[] = [];
  isDown = false;
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
    public key: SigningKey,
  ) {}

  static async start(key: SigningKey): Promise<JwtIssuer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const issuer = new JwtIssuer(server, url, key);
    issuer.published = [key.publicJwk];
    server.on('request', (request, response) => {
      issuer.asked.push(request.url ?? '');
      const answers: Record<string, unknown> = {
        '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
        '/keys': { keys: issuer.published },
      };
      const answer = issuer.isDown ? undefined : answers[request.url ?? ''];
      response.writeHead(answer ? 200 : 503, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(answer ?? {}));
    });
    return issuer;
  }

  get keyReads(): number {
    return this.asked.filter((path) => path === '/keys').length;
  }

  /** Signs with a new key from now on, and publishes it beside what is published. */
  async rotate(kid: string): Promise<void> {
    this.key = await newSigningKey(kid);
    this.published = [...this.published, this.key.publicJwk];
  }

  /** Good for five minutes from now, unless the claims say otherwise; `undefined` takes one away. */
  sign(
    claims: Record<string, unknown>,
    header: Record<string, unknown> = {},
    key = this.key,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const all = { iss: this.url, aud: 'grantkeeper', iat: now, exp: now + 300, ...claims };
    const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new SignJWT(present as JWTPayload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
      .sign(key.privateKey);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
