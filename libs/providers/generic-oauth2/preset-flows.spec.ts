import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { IssuerMetadataClient, type TokenEndpointClient } from '#oauth-http';
import type { ProviderClient, ProviderPreset, TokenGrant, TokenOutcome } from '#provider-kit';
import {
  type ClosableClient,
  type RunningSandbox,
  sandboxControl,
  startSandbox,
  tokenEndpointClient,
  within,
} from '#testing';
import { bentClient, type Deviations } from './bent-requests.spec-support.js';
import { type BentSandbox, bendSandbox } from './bent-sandbox.spec-support.js';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';
import { settingsSchema } from './generic-oauth2.schemas.js';
import { fillIn, sampleValues } from './preset-inputs.js';
import { presets } from './presets.js';

const verifier = 'v'.repeat(64);
const redirectUri = 'http://127.0.0.1:3000/v1/callback/a/b';
const all = [...presets.values()];
const forGrant = (grant: string) => all.filter(({ grants }) => grants.some((one) => one === grant));

let sandbox: RunningSandbox;
let http: ClosableClient<TokenEndpointClient>;
let adapter: GenericOauth2Adapter;
let bent: BentSandbox | undefined;
beforeAll(async () => {
  sandbox = await startSandbox();
  http = tokenEndpointClient();
  adapter = new GenericOauth2Adapter(http, new IssuerMetadataClient(http));
});
afterEach(() => bent?.close());
afterAll(async () => {
  http.close();
  await sandbox.close();
});

/** The server of a preset, and a credential for it of which only the addresses are not the preset's. */
async function serverOf(preset: ProviderPreset) {
  const preset_inputs = sampleValues(preset.inputs);
  const deviations: Deviations = fillIn(preset.settings, preset_inputs);
  const scope = deviations.default_scope ?? 'read write';
  bent = await bendSandbox(sandbox, deviations, scope);
  const { origin, faults } = bent;
  await sandboxControl(sandbox.origin).behave({
    provider: 'generic-oauth2',
    client_id: 'generic-client',
    switches: {
      consent: 'approve',
      rotation: deviations.rotation ?? 'strict',
      pkce: deviations.code_challenge_method === 'none' ? 'optional' : 'required',
    },
  });
  const addresses = {
    issuer: '/generic',
    token_endpoint: '/generic/token',
    refresh_endpoint: '/generic/refresh',
    authorization_endpoint: '/generic/authorize',
    revocation_endpoint: '/generic/revoke',
  };
  const settings = {
    preset: preset.id,
    ...(Object.keys(preset_inputs).length === 0 ? {} : { preset_inputs }),
    ...Object.fromEntries(
      Object.entries(addresses).flatMap(([name, path]) =>
        name in preset.settings ? [[name, origin + path]] : [],
      ),
    ),
  };
  const client: ProviderClient = {
    clientId: bentClient.id,
    secret: { kind: 'client_secret', value: bentClient.secret },
    settings: settingsSchema.parse(settings),
  };
  const send = async (grant: TokenGrant): Promise<TokenOutcome> => {
    const response = await adapter.sendTokenRequest(client, grant, within(5_000));
    return adapter.readTokenResponse(response, { grant: grant.type, client });
  };
  return {
    ...{ client, deviations, faults, origin },
    /** The scope that the connection names: none where the preset has one. */
    scope: deviations.default_scope === undefined ? scope : null,
    send,
    tokens: async (grant: TokenGrant) => {
      const outcome = await send(grant);
      if (outcome.kind !== 'tokens') throw new Error(JSON.stringify({ outcome, faults }));
      return outcome.tokens;
    },
  };
}

type Server = Awaited<ReturnType<typeof serverOf>>;

async function consent({ client, scope }: Server): Promise<URL> {
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
  const request = { redirectUri, state: 's', scope, subject: null, codeChallenge };
  const outcome = await adapter.authorizationCode.begin(client, request, within(5_000));
  if (outcome.kind !== 'redirect') throw new Error('No redirect.');
  const { headers, status } = await fetch(outcome.authorizationUrl, { redirect: 'manual' });
  return new URL(headers.get('location') ?? `none:${status}`);
}

const opens = async (accessToken: string) =>
  (await sandboxControl(sandbox.origin).judge(accessToken)).accepted;

/** Seconds, null for ever: what the preset says of answers that do not say it themselves. */
function expectedLifetime({
  assumed_expires_in,
  tokens_never_expire,
  expires_at_field,
}: Deviations): unknown {
  if (expires_at_field !== undefined) return expect.closeTo(3600, -1);
  return tokens_never_expire ? null : (assumed_expires_in ?? 3600);
}

describe('a preset for users', () => {
  it.each(forGrant('authorization_code'))('$id: consents, exchanges, refreshes, revokes', async (preset) => {
    const server = await serverOf(preset);
    const { deviations, client } = server;
    const callback = await consent(server);
    expect(server.faults).toEqual([]);
    const issuer = await adapter.authorizationCode.callbackIssuer?.(client, within(5_000));
    if (issuer) expect(issuer.issuer).toBe(`${server.origin}/generic`);
    const code = callback.searchParams.get('code') ?? '';
    const first = await server.tokens({
      type: 'authorization_code',
      code,
      redirectUri,
      codeVerifier: verifier,
    });
    expect(first).toMatchObject({
      tokenType: 'Bearer',
      expiresInSeconds: expectedLifetime(deviations),
      refreshToken: expect.any(String),
    });
    expect(await opens(first.accessToken)).toBe(true);

    const old = first.refreshToken ?? '';
    const second = await server.tokens({ type: 'refresh_token', refreshToken: old });
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(second.refreshToken === undefined).toBe(deviations.rotation === 'none');
    const newest = second.refreshToken ?? old;
    const third = await server.tokens({ type: 'refresh_token', refreshToken: newest });
    expect(await opens(third.accessToken)).toBe(true);

    if ('revocation_endpoint' in preset.settings) {
      await adapter.revoke(client, third.accessToken, 'access_token', within(5_000));
      expect(await opens(third.accessToken)).toBe(false);
    }
    await sandboxControl(sandbox.origin).revokeGrants('generic-client');
    const refused = await server.send({ type: 'refresh_token', refreshToken: third.refreshToken ?? newest });
    expect(refused).toMatchObject({ failure: { code: 'invalid_grant', class: 'terminal' } });
    expect(server.faults).toEqual([]);
  });
});

describe('a preset for applications', () => {
  it.each(forGrant('client_credentials'))('$id: gets a token', async (preset) => {
    const server = await serverOf(preset);
    const { scope } = server;
    const grant = { type: 'client_credentials', ...(scope === null ? {} : { scope }) } as const;
    const tokens = await server.tokens(grant);
    expect(tokens).toMatchObject({
      tokenType: 'Bearer',
      expiresInSeconds: expectedLifetime(server.deviations),
    });
    expect(await opens(tokens.accessToken)).toBe(true);
    expect(server.faults).toEqual([]);
  });
});

it('every preset is one of them', () => {
  const tried = new Set([...forGrant('authorization_code'), ...forGrant('client_credentials')]);
  expect(all.filter((preset) => !tried.has(preset))).toEqual([]);
});
