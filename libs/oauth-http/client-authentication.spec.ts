import { describe, expect, it } from '@jest/globals';
import { formEncodedBasic, rawBasic } from './client-authentication.js';

const decoded = (header: string) => Buffer.from(header.replace(/^Basic /, ''), 'base64').toString('utf8');

describe('client authentication', () => {
  it('raw Basic leaves the pair as it is', () => {
    expect(decoded(rawBasic('a b', '+/=:é'))).toBe('a b:+/=:é');
  });

  it('RFC 6749 Basic form-encodes both first', () => {
    expect(decoded(formEncodedBasic('a b', '+/=:é%'))).toBe('a+b:%2B%2F%3D%3A%C3%A9%25');
  });
});
