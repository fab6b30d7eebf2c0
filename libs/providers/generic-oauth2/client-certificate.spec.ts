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

const metadata = (origin: string) => ({
  issuer: origin,
  token_endpoint: `${origin}/token`,
  mtls_endpoint_aliases: { token_endpoint: `${origin}/mtls/token` },
});

/** RFC 8705 §2 against a TLS server that asks for a certificate and knows one. */
describe('tls_client_auth', () => {
  let provider: Loopback;
  let adapter: GenericOauth2Adapter;
  let http: ReturnType<typeof tokenEndpointClient>;
  const forms: string[] = [];
  const paths: (string | undefined)[] = [];

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
          if (request.url === '/.well-known/oauth-authorization-server') {
            response.end(JSON.stringify(metadata(provider.origin)));
            return;
          }
          forms.push(form);
          paths.push(request.url);
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

  it('takes certificate and key with line breaks of two characters each, as they were registered', async () => {
    const escaped = { cert: known.cert.replaceAll('\n', '\\n'), key: known.key.replaceAll('\n', '\\n') };
    expect(adapter.findMisfit(client(escaped))).toBeUndefined();
    expect(await ask(escaped)).toBe(200);
  });

  it('shows it at the other endpoints too', async () => {
    const settings = {
      ...client(known).settings,
      device_authorization_endpoint: `${provider.origin}/device`,
      revocation_endpoint: `${provider.origin}/revoke`,
    };
    const whole = { ...client(known), settings };
    paths.length = 0;
    await adapter.revoke(whole, 't', 'access_token', soon());
    const request = { grant: 'device_code', loginHint: '', scope: null } as const;
    // Known, and so not refused: only that the answer is one of another endpoint.
    expect(await adapter.backchannel.begin(whole, request, soon())).toMatchObject({
      failure: { code: 'malformed_response' },
    });
    expect(paths).toEqual(['/revoke', '/device']);
    const other = { ...client(stranger), settings: { ...settings, client_certificate: stranger.cert } };
    await expect(adapter.revoke(other, 't', 'access_token', soon())).rejects.toBeDefined();
  });

  it('asks at the addresses that the metadata has for it (RFC 8705 §5)', async () => {
    const discovered = (more: object): ProviderClient => ({
      ...client(known),
      settings: settingsSchema.parse({ issuer: provider.origin, client_certificate: known.cert, ...more }),
    });
    paths.length = 0;
    const grant = { type: 'client_credentials' } as const;
    await adapter.sendTokenRequest(discovered({ client_auth: 'tls_client_auth' }), grant, soon());
    await adapter.sendTokenRequest(discovered({ client_auth: 'private_key_jwt' }), grant, soon());
    expect(paths).toEqual(['/mtls/token', '/token']);
  });

  it('is named where the server ends the handshake for want of it, and nothing counts as sent', async () => {
    const options = { ...server, ca: [known.cert], requestCert: true, minVersion: 'TLSv1.3' as const };
    const strict = await listen(https.createServer(options), 'https');
    const settings = settingsSchema.parse({ token_endpoint: `${strict.origin}/token` });
    const grant = { type: 'refresh_token', refreshToken: 'r' } as const;
    await expect(
      adapter.sendTokenRequest({ ...client(known), settings }, grant, soon()),
    ).rejects.toMatchObject({
      code: 'client_certificate_refused',
      class: 'configuration',
      requestSent: false,
    });
    await strict.close();
  });

  it('wants a certificate, and one that fits the key', () => {
    const misfit = (identity: { cert: string; key: string }) => adapter.findMisfit(client(identity))?.field;
    expect(misfit(known)).toBeUndefined();
    expect(misfit({ cert: stranger.cert, key: known.key })).toBe('settings.client_certificate');
    const { client_certificate: _, ...settings } = client(known).settings;
    expect(adapter.findMisfit({ ...client(known), settings })?.field).toBe('settings.client_certificate');
    const secret = { kind: 'client_secret', value: 's' } as const;
    expect(adapter.findMisfit({ ...client(known), secret })?.field).toBe('private_key');
  });
});
