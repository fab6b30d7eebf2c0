import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { anyText } from '#testing';
import { decryptJwe, encryptJwe, jweHeader } from './jwe.js';

const texts = fc.oneof(fc.string(), anyText());
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
const headers = fc.record({ kid: fc.uuid(), gen: fc.nat(), ten: fc.string() });

describe('a JWE', () => {
  it('of ours is opened by jose', async () => {
    await fc.assert(
      fc.asyncProperty(texts, keys, headers, async (text, key, header) => {
        const opened = await compactDecrypt(encryptJwe(text, header, key), key);
        expect(new TextDecoder().decode(opened.plaintext)).toBe(Buffer.from(text).toString());
        expect(opened.protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', ...header });
      }),
    );
  });

  it('of jose is opened by us', async () => {
    await fc.assert(
      fc.asyncProperty(texts, keys, headers, async (text, key, header) => {
        const sealed = await new CompactEncrypt(Buffer.from(text))
          .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header })
          .encrypt(key);
        expect(jweHeader(sealed)).toEqual({ alg: 'dir', enc: 'A256GCM', ...header });
        expect(decryptJwe(sealed, key)).toBe(Buffer.from(text).toString());
      }),
    );
  });

  it('does not open with another key, or with any bit changed', () => {
    const key = randomBytes(32);
    const sealed = encryptJwe('a secret', { kid: 'k' }, key);
    expect(() => decryptJwe(sealed, randomBytes(32))).toThrow();
    const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url'));
    for (const [number, part] of parts.entries()) {
      for (let at = 0; at < part.length; at += 1) {
        const changed = parts.map((other) => Buffer.from(other));
        changed[number]?.writeUInt8((part[at] ?? 0) ^ 1, at);
        const jwe = changed.map((bytes) => bytes.toString('base64url')).join('.');
        expect(() => decryptJwe(jwe, key)).toThrow();
      }
    }
    expect(() => decryptJwe(`${sealed}.x`, key)).toThrow();
    expect(() => decryptJwe('a.b.c', key)).toThrow();
  });

  it.each(['', 'x', '..', 'bm90IGpzb24.', `${Buffer.from('{"alg":"none"}').toString('base64url')}..a.b.c`])(
    'is not what %p looks like',
    (text) => {
      expect(jweHeader(text)).toBeUndefined();
    },
  );
});
