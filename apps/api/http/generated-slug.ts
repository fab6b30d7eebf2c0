import { randomInt } from 'node:crypto';

/** Without vowels and look-alikes. */
const alphabet = 'bcdfghjkmnpqrstvwxz23456789';

/** For what its creator did not name; 12 characters are over 57 bits. */
export function generatedSlug(prefix: string): string {
  const random = Array.from({ length: 12 }, () => alphabet.charAt(randomInt(alphabet.length)));
  return `${prefix}-${random.join('')}`;
}
