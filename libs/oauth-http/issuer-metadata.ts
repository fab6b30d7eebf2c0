import { z } from 'zod';
import { parseObject } from './answer-body.js';

const address = z.url().optional();

/** RFC 8414 §2, as far as it is used. */
const metadataSchema = z.looseObject({
  issuer: z.string(),
  token_endpoint: address,
  authorization_endpoint: address,
  backchannel_authentication_endpoint: address,
  revocation_endpoint: address,
  device_authorization_endpoint: address,
  introspection_endpoint: address,
  userinfo_endpoint: address,
  jwks_uri: address,
  /** RFC 9207 §3. */
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});
export type IssuerMetadata = z.infer<typeof metadataSchema>;

/** The metadata in a document, or the reason for which it must not be used. */
export function readIssuerMetadata(document: string, issuer: string): IssuerMetadata | string {
  const parsed = metadataSchema.safeParse(parseObject(document));
  if (!parsed.success) return 'the document is not issuer metadata';
  // RFC 8414 §3.3: identical, character by character, or the document must not be used.
  return parsed.data.issuer === issuer ? parsed.data : 'the document names another issuer';
}
