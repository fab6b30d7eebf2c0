import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateApiKey, hashApiKey, isWellFormedApiKey, mayBeApiKey } from './api-key.js';
import { type Role, roleLetters } from './roles.js';

const roles = Object.keys(roleLetters) as Role[];
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('API keys', () => {
  it.each(roles)('of role %s carry its letter and are well-formed', (role) => {
    const key = generateApiKey(role);
    expect(key).toMatch(new RegExp(`^gk_${roleLetters[role]}_[0-9A-Za-z]{33}$`));
    expect(isWellFormedApiKey(key)).toBe(true);
  });

  it('are never the same twice', () => {
    expect(new Set(Array.from({ length: 200 }, () => generateApiKey('connector'))).size).toBe(200);
  });

  it('with any one character changed are refused without asking anybody', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...roles),
        fc.integer({ min: 5, max: 37 }),
        fc.constantFrom(...alphabet),
        (role, at, replacement) => {
          const key = generateApiKey(role);
          fc.pre(key[at] !== replacement);
          const changed = key.slice(0, at) + replacement + key.slice(at + 1);
          return !isWellFormedApiKey(changed) && !mayBeApiKey(changed);
        },
      ),
    );
  });

  it('of one role cannot be passed off as another', () => {
    expect(isWellFormedApiKey(generateApiKey('token_reader').replace('gk_r_', 'gk_p_'))).toBe(false);
  });

  it('chosen by an operator are asked about from 32 characters on', () => {
    expect(mayBeApiKey('x'.repeat(31))).toBe(false);
    expect(mayBeApiKey('x'.repeat(32))).toBe(true);
    expect(mayBeApiKey('x'.repeat(513))).toBe(false);
    expect(mayBeApiKey('')).toBe(false);
  });

  it('are stored as their SHA-256', () => {
    expect(hashApiKey('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
