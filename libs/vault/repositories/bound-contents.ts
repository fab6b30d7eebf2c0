import { VaultError } from '../vault.errors.js';

/**
 * The plaintext of tokens or of a pending grant, with the client credentials it belongs to: sent with others, it would
 * go to their server.
 */
export function boundContents(contents: object, credentialId: string): string {
  return JSON.stringify({ ...contents, credentialId });
}

/** @throws VaultError `cannot_open` where the row has come under other client credentials since */
export function contentsBoundTo<Contents>(plaintext: string, credentialId: string): Contents {
  const { credentialId: sealedFor, ...contents } = JSON.parse(plaintext) as { credentialId?: string };
  if (sealedFor !== credentialId) {
    throw new VaultError(
      'cannot_open',
      'The connection was given to other client credentials in the database.',
    );
  }
  return contents as Contents;
}
