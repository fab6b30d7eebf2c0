import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { resolveSettings, settingsSchema } from './generic-oauth2.schemas.js';
import { inputIssues, sampleValues } from './preset-inputs.js';
import { presets, readPresets, settingsOf } from './presets.js';

describe('the presets', () => {
  it('are the files of the folder, unverified as they are', () => {
    const files = readdirSync(join(import.meta.dirname, 'presets'));
    expect([...presets.keys()].map((name) => `${name}.json`)).toEqual(files.sort());
    expect(presets.size).toBeGreaterThanOrEqual(3);
    for (const { verified } of presets.values()) expect(verified).toBe(false);
  });

  it.each([...presets.values()])('$id is enough for a credential, with what it asks for', (preset) => {
    const values = sampleValues(preset.inputs);
    const needsNone = Object.keys(values).length === 0;
    const given = { preset: preset.id, ...(needsNone ? {} : { preset_inputs: values }) };
    expect(settingsSchema.parse(given)).toEqual(given);
    const settings = resolveSettings(given);
    expect(settings).toMatchObject(settingsOf(preset, values));
    expect(Object.keys(settings)).toEqual(expect.arrayContaining(Object.keys(preset.settings)));
    expect(JSON.stringify(settings)).not.toMatch(/[{][a-z_]+[}]/);
  });

  /** Where an input ends the host, only its pattern keeps it from being another server. */
  it('lead to no other server, but for inputs that are the whole host', () => {
    const ends = [...presets.values()].flatMap(({ id, inputs, settings }) =>
      Object.values(settings)
        .map((setting) => /^https:\/\/([^/]*)\{(\w+)\}(?:\/|$)/.exec(String(setting)))
        .filter((match) => match !== null)
        .map(([, before = '', name = '']) => ({ id, before, name, input: inputs[name] })),
    );
    expect(ends.length).toBeGreaterThan(10);
    const foreign = ends.filter(
      ({ name, input }) =>
        input && inputIssues({ [name]: input }, { [name]: 'elsewhere.example' }).size === 0,
    );
    expect(foreign.filter(({ before }) => before !== '')).toEqual([]);
    expect([...new Set(foreign.map(({ id }) => id))]).toEqual(['auth0', 'gitlab', 'keycloak', 'okta']);
  });

  it('stand between the defaults and what is given', () => {
    const own = { preset: 'zoom', token_endpoint: 'https://mine.example/token', client_auth: 'none' };
    expect(resolveSettings(settingsSchema.parse(own))).toMatchObject({
      token_endpoint: 'https://mine.example/token',
      revocation_endpoint: 'https://zoom.us/oauth/revoke',
      client_auth: 'none',
      code_challenge_method: 'S256',
    });
    expect(resolveSettings({ preset: 'google' })).toMatchObject({ client_auth: 'client_secret_post' });
  });

  it('are offered by name', () => {
    const { error } = settingsSchema.safeParse({ preset: 'no-such' });
    expect(error?.issues[0]?.path).toEqual(['preset']);
    const { properties } = z.toJSONSchema(settingsSchema, { io: 'input' });
    expect(properties?.['preset']).toMatchObject({ enum: [...presets.keys()] });
  });
});

describe('a folder of presets', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'presets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  const good = {
    title: 'X',
    documentation_url: 'https://x.example/docs',
    verified: false,
    settings: { issuer: 'https://x.example' },
  };

  const site = { title: 'Site', pattern: '[a-z]+', examples: ['acme'] };
  const open = { ...good, inputs: { site }, settings: { issuer: 'https://{site}.x.example' } };

  it('is read as it is, by the names of the files', () => {
    put('x-one.json', good);
    put('README.md', 'not a preset');
    const defaults = { grants: ['authorization_code'], inputs: {} };
    expect([...readPresets(folder)]).toEqual([['x-one', { id: 'x-one', ...defaults, ...good }]]);
  });

  it.each([
    ['X.json', good],
    ['x.json', '{'],
    ['x.json', { ...good, verified: undefined }],
    ['x.json', { ...good, settings: { issuer: 'nowhere' } }],
    ['x.json', { ...good, settings: { isuer: 'https://x.example' } }],
    ['x.json', { ...good, settings: { redirect_uri: 'https://x.example' } }],
    ['x.json', { ...good, settings: { client_secret: 's' } }],
    ['x.json', { ...good, settings: { preset: 'google' } }],
    ['x.json', { ...good, settings: { preset_inputs: {} } }],
    ['x.json', { ...good, grants: ['implicit'] }],
    ['x.json', { ...good, settings: { issuer: 'https://{site}.x.example' } }],
    ['x.json', { ...good, inputs: { site } }],
    ['x.json', { ...open, inputs: { site: { ...site, examples: ['a/b'] } } }],
    ['x.json', { ...open, inputs: { site: { ...site, default: 'a.b' } } }],
    ['x.json', { ...open, inputs: { site: { title: 'Site', pattern: '[a-z]+' } } }],
    ['x.json', { ...open, inputs: { site: { ...site, pattern: '(' } } }],
    ['x.json', { ...open, inputs: { site: { ...site, secret: true } } }],
  ])('is refused by the name of the file: %s %j', (name, content) => {
    put(name, content);
    expect(() => readPresets(folder)).toThrow(`${name} is not`);
  });
});

describe('the settings', () => {
  const valid = { token_endpoint: 'https://x.example/token' };
  it.each([
    [{ authorization_parameters: { state: 'x' } }, 'authorization_parameters'],
    [{ token_parameters: { client_secret: 'x' } }, 'token_parameters'],
    [{ token_parameters: { 'a b': 'x' } }, 'token_parameters'],
    [{ error_codes: { x: 'no_such_code' } }, 'error_codes'],
    [{ client_auth_by_grant: { implicit: 'none' } }, 'client_auth_by_grant'],
    [{ bearer_jwt_client_claim: 'exp' }, 'bearer_jwt_client_claim'],
    [{ assumed_expires_in: 0 }, 'assumed_expires_in'],
    [{ authorization_response_iss_parameter_supported: true }, 'issuer'],
    [{ scope_separator: '&' }, 'scope_separator'],
  ])('%j is refused', (settings, field) => {
    const { error } = settingsSchema.safeParse({ ...valid, ...settings });
    expect(error?.issues[0]?.path[0]).toBe(field);
  });
});
