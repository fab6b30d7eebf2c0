import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import { ivBytes, newInitializationVector } from './initialization-vector.js';

/**
 * JWE compact serialisation with `dir` and A256GCM (RFC 7516, RFC 7518 §5.3), and nothing else: a renewal opens and
 * seals five of them, and this takes a tenth of the time of the general library, which the tests hold it against.
 */

const algorithm = 'aes-256-gcm';
const tagBytes = 16;

/** @param key 32 bytes */
export function encryptJwe(plaintext: string, header: object, key: CipherKey): string {
  const protectedHeader = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...header })).toString(
    'base64url',
  );
  const iv = newInitializationVector();
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(protectedHeader));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  return `${protectedHeader}..${parts.join('.')}`;
}

/** The protected header, not yet authenticated; undefined when it is not such a JWE. */
export function jweHeader(jwe: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(jwe.slice(0, jwe.indexOf('.')), 'base64url').toString());
    if (typeof header !== 'object' || header === null) return undefined;
    const { alg, enc } = header as Record<string, unknown>;
    return alg === 'dir' && enc === 'A256GCM' ? (header as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error when the key is another one, or a byte was changed */
export function decryptJwe(jwe: string, key: CipherKey): string {
  const [protectedHeader = '', encryptedKey, ivText = '', ciphertext = '', tagText = '', ...more] =
    jwe.split('.');
  const iv = Buffer.from(ivText, 'base64url');
  const tag = Buffer.from(tagText, 'base64url');
  if (encryptedKey !== '' || more.length > 0 || iv.length !== ivBytes || tag.length !== tagBytes) {
    throw new Error('Not a JWE with a key agreed beforehand.');
  }
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(protectedHeader));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()]).toString('utf8');
}
