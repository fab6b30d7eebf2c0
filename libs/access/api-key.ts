import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62 } from './base62.js';
import { type Role, roleLetters } from './roles.js';

/** 160 random bits. */
const randomLength = 20;
const shape = /^gk_[pacr]_[0-9A-Za-z]{33}$/;
const checksumLength = 6;

/** A key that is no key of ours (a bootstrap key chosen by an operator) is at least so long. */
const minForeignLength = 32;
const maxLength = 512;

/** `gk_` + role letter + `_` + 27 characters (160 random bits) + 6 (CRC-32 of all before it), in base62. */
export function generateApiKey(role: Role): string {
  const random = BigInt(`0x${randomBytes(randomLength).toString('hex')}`);
  const start = `gk_${roleLetters[role]}_${base62(random, 27)}`;
  return start + checksumOf(start);
}

export function isWellFormedApiKey(key: string): boolean {
  return shape.test(key) && key.slice(-checksumLength) === checksumOf(key.slice(0, -checksumLength));
}

/**
 * Whether asking the database about a bearer can be of any use: not for a mistyped key of ours, and not for what is
 * too short to be an operator's own.
 */
export function mayBeApiKey(bearer: string): boolean {
  if (shape.test(bearer)) return isWellFormedApiKey(bearer);
  return bearer.length >= minForeignLength && bearer.length <= maxLength;
}

/** The hash that is stored. A key has 160 random bits, so nothing slower than SHA-256 is needed. */
export function hashApiKey(key: string): Buffer {
  return Buffer.from(hashName(key), 'latin1');
}

/** The same hash as a name in memory: 32 characters of one byte each, which cost a token read less than a buffer does. */
export function hashName(key: string): string {
  return hash('sha256', key, 'binary');
}

function checksumOf(text: string): string {
  return base62(BigInt(crc32(text)), checksumLength);
}
