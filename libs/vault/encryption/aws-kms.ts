import type { KMSClient } from '@aws-sdk/client-kms';
import { VaultError } from '../vault.errors.js';
import type { NewDataKey } from './kek-provider.js';
import type { KeyContext, KeyServiceClient } from './key-service.js';

type Sdk = typeof import('@aws-sdk/client-kms');

/** Answers of KMS to a ciphertext that was changed, moved, or made under another key. */
const notOurs = new Set(['InvalidCiphertextException', 'IncorrectKeyException', 'ValidationException']);

/**
 * A symmetric key of AWS KMS. Credentials, region and endpoint come as the SDK finds them; the region of an ARN is its
 * own. The SDK is loaded here only.
 */
export async function awsKms(keyId: string): Promise<KeyServiceClient> {
  const sdk = await import('@aws-sdk/client-kms');
  const [, region] = /^arn:[^:]+:kms:([^:]+):/.exec(keyId) ?? [];
  const client = new sdk.KMSClient({
    ...(region === undefined ? {} : { region }),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  return new AwsKms(sdk, client, keyId);
}

class AwsKms implements KeyServiceClient {
  readonly name = 'AWS KMS';

  constructor(
    private readonly sdk: Sdk,
    private readonly client: KMSClient,
    private readonly keyId: string,
  ) {}

  async newDataKey(context: KeyContext, abortSignal: AbortSignal): Promise<NewDataKey> {
    const { Plaintext, CiphertextBlob } = await this.client.send(
      new this.sdk.GenerateDataKeyCommand({
        KeyId: this.keyId,
        KeySpec: 'AES_256',
        EncryptionContext: { ...context },
      }),
      { abortSignal },
    );
    return { dataKey: present(Plaintext), wrapped: base64(CiphertextBlob) };
  }

  async encrypt(dataKey: Uint8Array, context: KeyContext, abortSignal: AbortSignal): Promise<string> {
    const { CiphertextBlob } = await this.client.send(
      new this.sdk.EncryptCommand({
        KeyId: this.keyId,
        Plaintext: dataKey,
        EncryptionContext: { ...context },
      }),
      { abortSignal },
    );
    return base64(CiphertextBlob);
  }

  /** Names the key: a ciphertext that somebody made with a key of theirs does not open. */
  async decrypt(wrapped: string, context: KeyContext, abortSignal: AbortSignal): Promise<Uint8Array> {
    try {
      const { Plaintext } = await this.client.send(
        new this.sdk.DecryptCommand({
          KeyId: this.keyId,
          CiphertextBlob: Buffer.from(wrapped, 'base64'),
          EncryptionContext: { ...context },
        }),
        { abortSignal },
      );
      return present(Plaintext);
    } catch (error) {
      throw error instanceof Error && notOurs.has(error.name) ? new VaultError('cannot_open') : error;
    }
  }

  reasonOf(error: unknown): string {
    if (!(error instanceof Error)) return 'failed';
    if (error.message === 'Region is missing') return 'no region, set AWS_REGION';
    const { code } = error as NodeJS.ErrnoException;
    return error.name === 'Error' ? (code ?? 'no answer') : error.name;
  }
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (!bytes) throw new Error('AWS KMS answered without what was asked for.');
  return bytes;
}

function base64(bytes: Uint8Array | undefined): string {
  return Buffer.from(present(bytes)).toString('base64');
}
