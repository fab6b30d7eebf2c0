import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { name } from './common.schemas.js';

const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);

const publicKey = z.string().refine(isRsaPublicKey, 'not an RSA public key in PEM');

const members = {
  client_secret: oneOrMore(name).optional(),
  public_key: oneOrMore(publicKey).optional(),
  redirect_uris: z.array(name).optional(),
};

export const clientSchema = z.strictObject({ provider: name, client_id: name, ...members });
export type ClientBody = z.output<typeof clientSchema>;

/** A member that is left out stays as it is. */
export const clientPatchSchema = z.strictObject(members);
export type ClientPatch = z.output<typeof clientPatchSchema>;

/** A private key would do for verifying, too, but has no business here. */
function isRsaPublicKey(pem: string): boolean {
  try {
    return !pem.includes('PRIVATE') && createPublicKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
