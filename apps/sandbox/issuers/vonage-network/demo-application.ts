import { generateKeyPairSync } from 'node:crypto';
import type { Client } from '../desk.js';

const APPLICATION_ID = '7f1d6f0c-2f0b-4a53-9a54-0d5c6c8e7b21';

/** The general callback of an installation on this machine. */
const REDIRECT_URI = 'http://127.0.0.1:3000/v1/callback';

const MODULUS_BITS = 2048;

export interface DemoApplication {
  readonly client: Omit<Client, 'provider'>;
  /** PKCS#8. */
  readonly privateKey: string;
}

interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

let made: KeyPair | undefined;

/** An application to try things with; its key pair is new in each process, and no secret. */
export function demoApplication(): DemoApplication {
  return {
    client: {
      clientId: APPLICATION_ID,
      secrets: [],
      get publicKeys() {
        return [keyPair().publicKey];
      },
      redirectUris: [REDIRECT_URI],
    },
    get privateKey() {
      return keyPair().privateKey;
    },
  };
}

/** Made when somebody asks for it: that takes as long as a quarter of a start. */
function keyPair(): KeyPair {
  made ??= generateKeyPairSync('rsa', {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return made;
}
