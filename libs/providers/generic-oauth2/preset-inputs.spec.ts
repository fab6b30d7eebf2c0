import { describe, expect, it } from '@jest/globals';
import { resolveSettings, settingsSchema } from './generic-oauth2.schemas.js';
import { fillIn, inputIssues, placeholdersIn, usableValues } from './preset-inputs.js';

const tokenEndpoint = 'https://acme.zendesk.com/oauth/tokens';

describe('the inputs of a preset', () => {
  const refusal = (settings: object) =>
    settingsSchema.safeParse(settings).error?.issues.map(({ path }) => path.join('.'));

  it('are asked for by name', () => {
    expect(refusal({ preset: 'zendesk' })).toEqual(['preset_inputs.subdomain']);
    expect(refusal({ preset: 'zendesk', preset_inputs: { subdomain: 'acme' } })).toBeUndefined();
  });

  it.each(['', 'a.b', 'a/b', 'a@b', 'a:b', 'a b', 'Acme\n', 'a%2fb', '{subdomain}', 'a'.repeat(64), 7])(
    'have no such value: %j',
    (subdomain) => {
      expect(refusal({ preset: 'zendesk', preset_inputs: { subdomain } })).toEqual([
        'preset_inputs.subdomain',
      ]);
    },
  );

  it('are those of the preset, and none without one', () => {
    const preset_inputs = { subdomain: 'acme', tenant: 'x' };
    expect(refusal({ preset: 'zendesk', preset_inputs })).toEqual(['preset_inputs.tenant']);
    const token_endpoint = 'https://x.example/token';
    expect(refusal({ token_endpoint, preset_inputs: { subdomain: 'a' } })).toEqual([
      'preset_inputs.subdomain',
    ]);
    expect(refusal({ token_endpoint, preset_inputs: {} })).toBeUndefined();
  });

  it('stand in the settings, under those that are given', () => {
    const given = { preset: 'zendesk', preset_inputs: { subdomain: 'acme' } };
    expect(resolveSettings(given)).toMatchObject({ token_endpoint: tokenEndpoint });
    const token_endpoint = 'https://mine.example/token';
    expect(resolveSettings({ ...given, token_endpoint })).toMatchObject({ token_endpoint });
  });

  it('leave out what they do not fill in, for a credential from before them', () => {
    const settings = resolveSettings({ preset: 'zendesk' });
    expect(settings).toMatchObject({ client_auth: 'client_secret_post' });
    expect(settings).not.toHaveProperty('token_endpoint');
  });
});

describe('filling in', () => {
  const inputs = {
    host: { title: 'Host', pattern: '[a-z.]+', examples: ['id.example'] },
    area: { title: 'Area', pattern: 'eu|us', default: 'eu' },
  };

  it('takes the default where nothing is given, and only what fits', () => {
    expect(usableValues(inputs, { host: 'id.example' })).toEqual({ host: 'id.example', area: 'eu' });
    expect(usableValues(inputs, { host: 'ID', area: 'us' })).toEqual({ area: 'us' });
    expect([...inputIssues(inputs, { area: 'eu2' }).keys()]).toEqual(['host', 'area']);
  });

  it('reaches every string, at any depth', () => {
    const settings = { a: 'https://{host}/{area}', b: { c: ['{area}', 1] }, d: '{open}', e: true };
    expect([...new Set(placeholdersIn(settings))]).toEqual(['host', 'area', 'open']);
    expect(fillIn(settings, { host: 'h', area: 'eu' })).toEqual({
      a: 'https://h/eu',
      b: { c: ['eu', 1] },
      e: true,
    });
  });

  it('never lets a value through that ends a part of a URL', () => {
    const any = { x: { title: 'X', pattern: '[^]*', examples: ['x'] } };
    for (const value of ['a/b', 'a@b', 'a:b', 'a?b', 'a#b', 'a\\b', 'a b', 'a%b', 'a\n']) {
      expect([value, inputIssues(any, { x: value }).size]).toEqual([value, 1]);
    }
  });
});
