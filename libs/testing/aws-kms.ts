import { createHash, createHmac, randomBytes } from 'node:crypto';
import type http from 'node:http';
import { type KeyServiceAnswer, KeyServiceCipher, KeyServiceStandIn } from './key-service-stand-in.js';

export interface AwsKmsCall {
  readonly operation: string;
  readonly KeyId: string;
  readonly EncryptionContext: Readonly<Record<string, string>>;
}

/**
 * AWS KMS as far as it wraps data keys: the JSON 1.1 protocol, with Signature Version 4 checked as the service checks
 * it. Every key id it is asked for is the same one key.
 */
export class AwsKmsStandIn extends KeyServiceStandIn {
  protected readonly contentType = 'application/x-amz-json-1.1';
  readonly calls: AwsKmsCall[] = [];
  private readonly cipher = new KeyServiceCipher();

  constructor(private readonly secretAccessKey: string) {
    super();
  }

  protected answer(request: http.IncomingMessage, body: string): KeyServiceAnswer {
    if (this.mood === 'broken') return [500, { __type: 'KMSInternalException' }];
    if (this.mood === 'refusing') return [400, { __type: 'AccessDeniedException' }];
    if (!isSigned(request, body, this.secretAccessKey)) return [400, { __type: 'InvalidSignatureException' }];
    const [, operation = ''] = /^TrentService\.(\w+)$/.exec(String(request.headers['x-amz-target'])) ?? [];
    const isJson = request.headers['content-type'] === 'application/x-amz-json-1.1';
    if (request.method !== 'POST' || request.url !== '/' || !isJson) {
      return [400, { __type: 'UnknownOperationException' }];
    }
    return this.run(operation, JSON.parse(body));
  }

  private run(operation: string, input: Record<string, unknown> & AwsKmsCall): KeyServiceAnswer {
    const { KeyId, EncryptionContext } = input;
    this.calls.push({ operation, KeyId, EncryptionContext });
    const associated = JSON.stringify(Object.entries(EncryptionContext).sort());
    const bytes = (member: string) => Buffer.from(String(input[member]), 'base64');
    const encrypt = (plaintext: Buffer) => this.cipher.encrypt(plaintext, associated).toString('base64');
    if (operation === 'Encrypt') return [200, { KeyId, CiphertextBlob: encrypt(bytes('Plaintext')) }];
    if (operation === 'GenerateDataKey' && input['KeySpec'] === 'AES_256') {
      const key = randomBytes(32);
      return [200, { KeyId, Plaintext: key.toString('base64'), CiphertextBlob: encrypt(key) }];
    }
    if (operation !== 'Decrypt') return [400, { __type: 'UnknownOperationException' }];
    const plaintext = this.cipher.decrypt(bytes('CiphertextBlob'), associated);
    return plaintext
      ? [200, { KeyId, Plaintext: plaintext.toString('base64') }]
      : [400, { __type: 'InvalidCiphertextException' }];
  }
}

/** Signature Version 4, from its specification. */
function isSigned(request: http.IncomingMessage, body: string, secretAccessKey: string): boolean {
  const { authorization = '' } = request.headers;
  const [, scope = '', signedHeaders = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const names = signedHeaders.split(';');
  const headers = names.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join('');
  const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');
  const canonical = [request.method, '/', '', headers, signedHeaders, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return (
    names.includes('host') &&
    scope.endsWith('/kms/aws4_request') &&
    hmac(key, toSign).toString('hex') === signature
  );
}
