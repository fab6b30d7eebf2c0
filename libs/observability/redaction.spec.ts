import { describe, expect, it } from '@jest/globals';
import { redactLogFields } from './redaction.js';

describe('redaction of log fields', () => {
  it.each([
    'authorization',
    'client_secret',
    'clientSecret',
    'accessToken',
    'refresh_token',
    'privateKey',
    'x-api-key',
    'set-cookie',
    'password',
    'headers',
    'parameters',
  ])('cuts %s out at any depth', (name) => {
    const line = JSON.stringify(redactLogFields({ a: [{ [name]: 'canary' }], [name]: { deep: 'canary' } }));
    expect(line).not.toContain('canary');
  });

  it('keeps what helps', () => {
    const fields = { code: 'invalid_client', generation: 3, token_expires_at: '2030-01-01', ids: ['a'] };
    expect(redactLogFields(fields)).toEqual(fields);
  });

  it('takes only name, message, code and stack of an error', () => {
    const error = Object.assign(new Error('failed'), {
      code: 'X',
      config: { auth: 'canary' },
      query: 'canary',
    });
    expect(redactLogFields({ err: error })).toEqual({
      err: { type: 'Error', message: 'failed', code: 'X', stack: error.stack },
    });
  });

  it('ends on a circle', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(() => JSON.stringify(redactLogFields(circle))).not.toThrow();
  });
});
