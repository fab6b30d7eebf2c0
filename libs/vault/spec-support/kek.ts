import { randomBytes } from 'node:crypto';

import { localKek } from '../encryption/local-kek.js';

export const kek = (id: string) => localKek(id, new Uint8Array(randomBytes(32)));
