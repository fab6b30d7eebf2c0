import { describe, expect, it } from '@jest/globals';
import { selfSigned } from '../../../test/support/self-signed.js';
import { findMisfit } from './client-fit.js';
import { credentialSchema, settingsSchema } from './generic-oauth2.schemas.js';

const parse = (settings: object) =>
  settingsSchema.safeParse({ token_endpoint: 'https://x.example/token', ...settings });
const long = (length: number) => 'x'.repeat(length);

describe('a wrong value', () => {
  it.each<[string, unknown]>([
    ...['Authorization', 'host', 'Cookie', 'Content-Type', 'content-length', 'Content-Encoding'].map(
      (name): [string, unknown] => ['token_headers', { [name]: 'x' }],
    ),
    ...['transfer-encoding', 'Connection', 'proxy-authorization', 'a b', 'a:b', 'ä', ''].map(
      (name): [string, unknown] => ['token_headers', { [name]: 'x' }],
    ),
    ...['', ' x', 'a\r\nHost: b', 'ä', long(1_001), 7].map((value): [string, unknown] => [
      'token_headers',
      { 'x-a': value },
    ]),
    ['token_headers', { 'X-A': '1', 'x-a': '2' }],
    ['token_headers', ['x-a']],
    ['token_request_format', 'xml'],
    ['refresh_endpoint', 'ftp://x.example'],
    ['refresh_endpoint', 'https://u:p@x.example'],
    ['device_authorization_endpoint', '/device'],
    ['introspection_endpoint', 'x'],
    ['userinfo_endpoint', 'https://x.example/#f'],
    ['probe_url', 'javascript:1'],
    ['grant_type_names', { implicit: 'x' }],
    ['grant_type_names', { password: '' }],
    ['grant_type_names', { password: 'a b' }],
    ['token_parameters_by_grant', { implicit: {} }],
    ['token_parameters_by_grant', { password: { client_secret: 'x' } }],
    ['token_parameters_by_grant', { password: { grant_type: 'x' } }],
    ['send_scope_on_refresh', 'yes'],
    ['client_id_in_body', 1],
    ['resource', 'api'],
    ['resource', 'https://x.example/#f'],
    ['resource', `urn:${long(2_048)}`],
    ['client_certificate', 'x'],
    ['client_certificate', selfSigned().key],
    ['client_certificate', selfSigned().cert + selfSigned().key],
    ['client_assertion_audience', 'me'],
    ['client_auth', 'client_secret'],
    ['renewal_lead_seconds', 0],
    ['renewal_lead_seconds', 86_401],
    ['renewal_lead_seconds', 1.5],
    ['default_scope', long(8_193)],
    ['token_path', ''],
    ['token_path', 'a..b'],
    ['token_path', '.a'],
    ['token_path', 'a b'],
    ['token_types', []],
    ['token_types', ['']],
    ['token_types', 'bot'],
    ['expires_in_unit', 'min'],
    ['expires_at_field', 'a.'],
    ['tokens_never_expire', 'no'],
    ['tokens_never_expire', { not: 'beside' }],
    ['token_fields', { 'a b': 'x' }],
    ['token_fields', { a: 'x..y' }],
    ...['access_token', 'data.refreshToken', 'id_token.sub', 'bot.bot_token', 'a.code', 'state'].map(
      (path): [string, unknown] => ['token_fields', { host: path }],
    ),
    ...['access_token', 'idToken', 'client_secret', 'device_code', 'state'].map((name): [string, unknown] => [
      'token_fields',
      { [name]: 'x' },
    ]),
    ['token_fields', Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`n${n}`, 'x']))],
    ...['code', 'state', 'refresh_token'].map((name): [string, unknown] => ['callback_fields', [name]]),
    ['callback_fields', []],
    ['account_id_path', 'id_token'],
    ['callback_fields', 'realmId'],
    ['callback_fields', ['a b']],
    ['account_from', 'jwt'],
    ['account_id_path', 'x.'],
    ['error_paths', []],
    ['error_paths', ['a..b']],
    ['error_codes', { x: 'no_such_code' }],
    ['error_rules', [{ code: 'invalid_grant' }]],
    ['error_rules', [{ status: 400 }]],
    ['error_rules', [{ status: 99, code: 'invalid_grant' }]],
    ['error_rules', [{ path: 'a..b', code: 'invalid_grant' }]],
    ['error_rules', [{ path: 'a', code: 'no_such_code' }]],
    ['error_rules', [{ grant: 'implicit', code: 'invalid_grant' }]],
    ['error_rules', [{ contains: '', code: 'invalid_grant' }]],
    ['error_rules', [{ contain: 'x', code: 'invalid_grant' }]],
  ])('of %s is refused by its name: %j', (name, value) => {
    const { success, error } = parse({ [name]: value });
    expect(success).toBe(false);
    expect(new Set(error?.issues.map(({ path }) => path[0]))).toEqual(new Set([name]));
  });

  it('is a token response that is to say who has consented, without a path', () => {
    const { error } = parse({ account_from: 'token_response' });
    expect(error?.issues.map(({ path }) => path)).toEqual([['account_id_path']]);
  });

  it('is a lifetime that is assumed beside tokens that never expire', () => {
    const { error } = parse({ tokens_never_expire: true, assumed_expires_in: 60 });
    expect(error?.issues[0]?.path[0]).toBe('assumed_expires_in');
    expect(parse({ tokens_never_expire: false, assumed_expires_in: 60 }).success).toBe(true);
  });
});

describe('a right value', () => {
  it.each<object>([
    { token_headers: { 'User-Agent': 'a b', 'X-Api-Key': 'k', Accept: '*/*' } },
    { token_request_format: 'json', refresh_endpoint: 'https://x.example/r?y=1' },
    { resource: 'urn:example:api' },
    { resource: 'api://00000000-0000-0000-0000-000000000000' },
    { resource: 'https://x.example/?q=1' },
    { client_certificate: selfSigned().cert },
    { client_auth: 'client_secret_jwt', token_endpoint_auth_signing_alg: 'HS256' },
    { client_assertion_audience: 'endpoint' },
    { default_scope: long(8_192) },
    { token_path: 'data.0.tokens', token_types: ['bot', 'user'], expires_at_field: 'exp' },
    { token_fields: { instance_url: 'instance_url', id: 'team.id' }, callback_fields: ['realmId'] },
    { token_fields: { expires: 'x_refresh_token_expires_in', country: 'address.country_code' } },
    { account_from: 'userinfo', account_id_path: 'user.id' },
    { account_from: 'token_response', account_id_path: 'owner' },
    { error_paths: ['fault.code', 'errors.0.id'], error_codes: { '-9': 'invalid_grant' } },
    { error_rules: [{ grant: 'refresh_token', contains: 'x', code: 'invalid_grant' }] },
    { error_rules: [{ path: 'ok', equals: false, code: 'provider_refused' }] },
    { renewal_lead_seconds: 30 },
  ])('%j', (settings) => {
    expect(parse(settings).error?.issues).toBeUndefined();
  });

  it('of the client id has up to 2,048 characters', () => {
    const withId = (length: number) =>
      credentialSchema.safeParse({ client_id: long(length), client_secret: 's' }).success;
    expect([withId(2_048), withId(2_049)]).toEqual([true, false]);
  });
});

describe('a client that contradicts its settings', () => {
  const { cert, key } = selfSigned();
  const misfit = (settings: object, clientId = 'me', kind: 'private_key' | 'client_secret' = 'private_key') =>
    findMisfit({ clientId, secret: { kind, value: key }, settings: settingsSchema.parse(settings) })?.field;
  const endpoint = { token_endpoint: 'https://x.example/token' };

  it('has a certificate of another key', () => {
    expect(misfit({ ...endpoint, client_certificate: cert })).toBeUndefined();
    expect(misfit({ ...endpoint, client_certificate: selfSigned().cert })).toBe(
      'settings.client_certificate',
    );
  });

  it('has a colon in an identifier that Basic carries as it is', () => {
    const raw = { ...endpoint, basic_encoding: 'raw' };
    expect(misfit(raw, 'a:b', 'client_secret')).toBe('client_id');
    expect(misfit(endpoint, 'a:b', 'client_secret')).toBeUndefined();
    expect(misfit({ ...raw, client_auth: 'client_secret_post' }, 'a:b', 'client_secret')).toBeUndefined();
  });

  it('has a secret or an identifier with blanks around it', () => {
    const issue = (client: object) =>
      credentialSchema.safeParse({ client_id: 'me', client_secret: 's', ...client }).error?.issues[0];
    for (const client_secret of [' s', 's ', '\u00a0s', ' ']) {
      expect(issue({ client_secret })?.path).toEqual(['client_secret']);
    }
    for (const client_id of [' me', 'me ', ' ']) {
      expect(issue({ client_id })).toMatchObject({
        path: ['client_id'],
        message: expect.stringContaining('blank'),
      });
    }
    expect(issue({ client_id: 'm e', client_secret: 'a b' })).toBeUndefined();
  });
});
