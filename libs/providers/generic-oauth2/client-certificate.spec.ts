import https from 'node:https';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IssuerMetadataClient } from '#oauth-http';
import type { ProviderClient } from '#provider-kit';
import { type Loopback, listen, tokenEndpointClient } from '#testing';
import { selfSigned } from '../../../test/support/self-signed.js';
import { soon } from '../recorder.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';

const trusted = getCACertificates('default');
const [server, known, stranger] = [selfSigned(), selfSigned(), selfSigned()];

/** RFC 8705 §2 against a TLS server that asks for a certificate and knows one. */
describe('tls_client_auth', () => {
  let provider: Loopback;
  let adapter: GenericOauth2Adapter;
  let http: ReturnType<typeof tokenEndpointClient>;
  const forms: string[] = [];

  beforeAll(async () => {
    // As an operator does by NODE_EXTRA_CA_CERTS.
    setDefaultCACertificates([...trusted, server.cert]);
    const options = { ...server, ca: [known.cert], requestCert: true, rejectUnauthorized: false };
    provider = await listen(
      https.createServer(options, (request, response) => {
        let form = '';
        request.on('data', (chunk) => {
          form += chunk;
        });
        request.on('end', () => {
          forms.push(form);
          const isKnown = (request.socket as TLSSocket).authorized;
          const answer = isKnown
            ? { access_token: 't', token_type: 'Bearer', expires_in: 60 }
            : { error: 'invalid_client' };
          response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(answer));
        });
      }),
      'https',
    );
    http = tokenEndpointClient({
      upstreamTimeoutMs: 10_000,
      providerEndpoints: {},
      egressAllow: ['https://127.0.0.1:*'],
    });
    adapter = new GenericOauth2Adapter(http, new IssuerMetadataClient(http));
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    http.close();
    await provider.close();
  });

  const client = ({ cert, key }: { cert: string; key: string }): ProviderClient => ({
    clientId: 'me',
    secret: { kind: 'private_key', value: key },
    settings: settingsSchema.parse({
      token_endpoint: `${provider.origin}/token`,
      client_auth: 'tls_client_auth',
      client_certificate: cert,
    }),
  });
  const ask = async (identity: { cert: string; key: string }) => {
    const grant = { type: 'client_credentials' } as const;
    return (await adapter.sendTokenRequest(client(identity), grant, soon())).status;
  };

  it('shows the certificate in the handshake, and names the client in the body', async () => {
    expect(await ask(known)).toBe(200);
    expect(Object.fromEntries(new URLSearchParams(forms.at(-1)))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'me',
    });
  });

  it('never lends a connection to another client', async () => {
    expect([await ask(known), await ask(stranger), await ask(known)]).toEqual([200, 401, 200]);
  });

  it('wants a certificate, and one that fits the key', () => {
    const misfit = (identity: { cert: string; key: string }) => adapter.findMisfit(client(identity))?.field;
    expect(misfit(known)).toBeUndefined();
    expect(misfit({ cert: stranger.cert, key: known.key })).toBe('settings.client_certificate');
    const { client_certificate: _, ...settings } = client(known).settings;
    expect(adapter.findMisfit({ ...client(known), settings })?.field).toBe('settings.client_certificate');
  });
});
