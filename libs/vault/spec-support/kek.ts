import { randomBytes } from 'node:crypto';

export const kek = (id: string) => ({ id, key: new Uint8Array(randomBytes(32)) });
