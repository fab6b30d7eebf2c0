import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactProviderWords } from './redaction.js';

describe('redactProviderWords', () => {
  it('leaves ordinary sentences alone', () => {
    const text =
      'The client secret was incorrect. Scope number-verification-verify-read is not allowed (AADSTS7000).';
    expect(redactProviderWords(text, [])).toBe(text);
  });

  it('removes client id and secret in every spelling', () => {
    const secret = 'pass wörd+/=';
    const text = `a ${secret} b ${encodeURIComponent(secret).replaceAll('%20', '+')} c ${Buffer.from(secret).toString('base64')} d my-app`;
    expect(redactProviderWords(text, ['my-app', secret])).toBe(
      'a [redacted] b [redacted] c [redacted] d [redacted]',
    );
  });

  it.each([
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def-ghi',
    '7332170a208e270bc922d8ca54a5091f',
    '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=',
    '123e4567-e89b-12d3-a456-426614174000',
    'abcdefghijklmnopqrstuvwxyzabcdef',
  ])('removes %s', (token) => {
    expect(redactProviderWords(`Token ${token} has expired`, [])).toBe('Token [redacted] has expired');
    expect(redactProviderWords(`seen "${token}".`, [])).not.toContain(token);
  });

  it.each(['bearer abc123', 'token=abc123', 'secret: abc123', "password 'abc123'"])(
    'removes the value of %s',
    (text) => {
      expect(redactProviderWords(text, [])).not.toContain('abc123');
    },
  );

  it('drops control and invisible characters and keeps to 200', () => {
    expect(redactProviderWords('a\u0000b\nc\u202ed\u2028e', [])).toBe('a b c d e');
    expect(redactProviderWords('word '.repeat(5_000), []).length).toBeLessThanOrEqual(200);
  });

  it('never lets a known secret through', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 6 }).filter((s) => /^[!-~]{6,}$/.test(s)),
        fc.string(),
        (before, secret, after) => {
          fc.pre(!'[redacted]'.includes(secret));
          expect(redactProviderWords(`${before} ${secret} ${after}`.slice(0, 150), [secret])).not.toContain(
            secret,
          );
        },
      ),
    );
  });
});
