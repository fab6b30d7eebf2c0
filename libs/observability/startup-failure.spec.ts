import { describe, expect, it } from '@jest/globals';
import { SettingsError } from '#config';
import { explainStartupFailure } from './startup-failure.js';

const failure = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code} happened`), { code, ...more });

describe('a start that fails is explained in one line', () => {
  it.each([
    [
      'a port in use',
      failure('EADDRINUSE', { port: 3000, address: '127.0.0.1' }),
      /PORT 3000 .*127\.0\.0\.1/,
    ],
    ['a port that needs root', failure('EACCES', { port: 80 }), /PORT 80/],
    ['a foreign address', failure('EADDRNOTAVAIL', { address: '192.0.2.1' }), /HOST 192\.0\.2\.1/],
    ['no database', failure('ECONNREFUSED', { port: 5432 }), /DATABASE_URL.*ECONNREFUSED/],
    ['a wrong password', failure('28P01'), /DATABASE_URL refuses the user or the password/],
    ['no such database', failure('3D000'), /DATABASE_URL does not exist/],
    ['a broken setting', new SettingsError('PORT must be a port.'), /^PORT must be a port\.$/],
  ])('%s', (_, error, expected) => {
    const line = explainStartupFailure(error);
    expect(line).toMatch(expected);
    expect(line).not.toContain('\n');
  });

  it('unless only a developer can help', () => {
    expect(explainStartupFailure(new TypeError('x is not a function'))).toBeUndefined();
    expect(explainStartupFailure('text')).toBeUndefined();
  });
});
