import { describe, expect, it } from '@jest/globals';
import type { ProviderDialect } from './token-response-profile.js';
import { readTokenSet } from './token-set-reader.js';

const sentAt = new Date('2026-11-28T10:00:00Z');
const epoch = sentAt.getTime() / 1_000;
const base = { access_token: 'a', token_type: 'Bearer' };
const read = (body: object, dialect: Partial<ProviderDialect> = {}) =>
  readTokenSet({ ...base, ...body }, { assumedLifetimeSeconds: null, ...dialect }, sentAt);

describe('the life of an access token', () => {
  it.each<[string, object, Partial<ProviderDialect>, number | null]>([
    ['in milliseconds (a05)', { expires_in: 3_600_000 }, { expiresInUnit: 'ms' }, 3_600],
    ['in milliseconds, as text', { expires_in: '1500' }, { expiresInUnit: 'ms' }, 1],
    ['its end in seconds (a04)', { expires_at: epoch + 90 }, { expiresAtField: 'expires_at' }, 90],
    ['its end in milliseconds', { expires_at: (epoch + 90) * 1_000 }, { expiresAtField: 'expires_at' }, 90],
    ['its end as text', { end: String(epoch + 90) }, { expiresAtField: 'end' }, 90],
    ['its end as a date', { x: { end: '2026-11-28T11:00:00+00:00' } }, { expiresAtField: 'x.end' }, 3_600],
    ['an instant called expires_in', { expires_in: epoch + 30 }, { expiresAtField: 'expires_in' }, 30],
    ['both: the field', { expires_in: 5, end: epoch + 9 }, { expiresAtField: 'end' }, 9],
    ['a field that is not there', { expires_in: 5 }, { expiresAtField: 'end' }, 5],
    ['a field that is over', { expires_in: 5, end: epoch - 9 }, { expiresAtField: 'end' }, 5],
    ['none (a30)', {}, { tokensNeverExpire: true }, null],
    ['null', { expires_in: null }, { tokensNeverExpire: true }, null],
    ['zero', { expires_in: 0 }, { tokensNeverExpire: true }, null],
    ['said all the same', { expires_in: 60 }, { tokensNeverExpire: true }, 60],
    ['below zero, documented', { expires_in: -1 }, { assumedLifetimeSeconds: 300 }, 300],
  ])('%s', (_name, body, dialect, expiresInSeconds) => {
    expect(read(body, dialect)).toMatchObject({ tokens: { expiresInSeconds } });
  });

  it.each<[object, Partial<ProviderDialect>, string]>([
    [{ expires_in: 0 }, {}, 'expires_in'],
    [{ expires_in: 3 }, { expiresInUnit: 'ms' }, 'expires_in'],
    [{ end: 'soon' }, { expiresAtField: 'end' }, 'end'],
    [{ end: '2026-13-45' }, { expiresAtField: 'end' }, 'end'],
    [{ expires_in: epoch - 5 }, { expiresAtField: 'expires_in' }, 'expires_in'],
  ])('is not in %j read with %j', (body, dialect, member) => {
    expect(read(body, dialect)).toEqual({ member });
  });
});

describe('the life of a refresh token', () => {
  it.each<[object, number | undefined]>([
    [{ refresh_token_expires_in: 50 }, 50],
    [{ refresh_expires_in: '60' }, 60],
    [{ x_refresh_token_expires_in: 70 }, 70],
    [{ refresh_token_expires_at: epoch + 80 }, 80],
    [{ refresh_token_expires_at: '2026-11-28T10:01:30Z' }, 90],
    [{ refresh_expires_in: 0, x_refresh_token_expires_in: 70 }, 70],
    [{ refresh_expires_in: 0 }, undefined],
    [{ refresh_token_expires_at: epoch - 80 }, undefined],
  ])('%j', (said, seconds) => {
    const reading = read({ expires_in: 5, refresh_token: 'r', ...said });
    const tokens = 'tokens' in reading ? reading.tokens : undefined;
    expect(tokens?.refreshTokenExpiresInSeconds).toBe(seconds);
  });
});

describe('the type of a token', () => {
  it('is sent as Bearer when a setting takes it for that', () => {
    const dialect = { tokenTypes: ['bot', 'user'] };
    for (const word of ['bot', 'BOT', 'user']) {
      expect(read({ token_type: word, expires_in: 5 }, dialect)).toMatchObject({
        tokens: { tokenType: 'Bearer' },
      });
    }
    expect(read({ token_type: 'app', expires_in: 5 }, dialect)).toEqual({ member: 'token_type' });
  });

  it('may stand beside the object that holds the tokens', () => {
    const body = {
      access_token: 'top',
      token_type: 'bearer',
      data: { access_token: 'inner', expires_in: 5 },
    };
    expect(read(body, { tokenPath: 'data' })).toMatchObject({
      tokens: { accessToken: 'inner', tokenType: 'bearer' },
    });
  });
});
