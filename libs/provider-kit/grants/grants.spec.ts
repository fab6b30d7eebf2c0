import { describe, expect, it } from '@jest/globals';
import { grantFromConnection, grantFromFields, grants, grantTypes, tokenRequestForm } from './grants.js';

describe('grants', () => {
  it.each(grantTypes)('%s is consistent', (type) => {
    const { traits, fields, subjectField } = grants[type];
    const again = grantFromConnection(type, { subject: 'jane', scope: 'a' });
    // A client's own grant can be begun again with nothing but the connection, and no other can.
    expect(again !== null).toBe(traits.owner === 'client');
    expect(again?.type ?? type).toBe(type);
    if (subjectField !== undefined) expect(Object.keys(fields.shape)).toContain(subjectField);
    expect(Object.keys(fields.shape)).toContain('scope');
  });

  it('are told apart by what the form calls them', () => {
    const words = grantTypes.map((type) => tokenRequestForm({ type } as never).grant_type);
    expect(words).toEqual(
      expect.arrayContaining([
        'client_credentials',
        'authorization_code',
        'password',
        'urn:openid:params:grant-type:ciba',
        'refresh_token',
      ]),
    );
    expect(new Set(words).size).toBe(grantTypes.length);
  });

  it('take from the fields what is sent at once, and null where a user must consent first', () => {
    const fields = {
      scope: 'a',
      username: 'u',
      password: 'p',
      keep_password: true,
      refresh_token: 'r',
      login_hint: 'h',
    };
    expect(Object.fromEntries(grantTypes.map((type) => [type, grantFromFields(type, fields)]))).toMatchObject(
      {
        client_credentials: null,
        authorization_code: null,
        password: { type: 'password', username: 'u', password: 'p', scope: 'a' },
        ciba: null,
        refresh_token: { type: 'refresh_token', refreshToken: 'r' },
      },
    );
  });
});
