import { z } from 'zod';
import { parseCertificate, signingAlgorithms } from '#oauth-http';
import { grantTypes } from '#provider-kit';

/**
 * In the terms of OpenID Connect Core §9. `bearer_jwt` is none of them: a JWT of the client's own as the bearer token,
 * as Vonage's network APIs have it.
 */
const clientAuth = z.enum([
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'bearer_jwt',
  'none',
]);
export type ClientAuthMethod = z.infer<typeof clientAuth>;

/** Claims that each assertion gets by itself. */
const ownClaims = new Set(['iss', 'sub', 'aud', 'iat', 'exp', 'nbf', 'jti']);

/** How the client proves itself, and where a server deviates in that. */
export const clientAuthSettings = {
  client_auth: clientAuth.optional().meta({
    title: 'Client authentication',
    description:
      'How the client proves itself at the token endpoint, in the terms of OpenID Connect. Default: what the metadata offers; else client_secret_basic, private_key_jwt with a private key, none without a secret.',
  }),
  client_auth_by_grant: z.partialRecord(z.enum(grantTypes), clientAuth).optional().meta({
    title: 'Client authentication by grant',
    description: 'For grants at which the server wants another one.',
  }),
  client_id_in_body: z.boolean().optional().meta({
    title: 'Client id in the body',
    description: 'Whether the body names the client also where a header does.',
    default: false,
  }),
  basic_encoding: z.enum(['form', 'raw']).optional().meta({
    title: 'Encoding in HTTP Basic',
    description:
      'form: identifier and secret form-encoded first, as RFC 6749 §2.3.1 has it. raw: as they are.',
    default: 'form',
  }),
  token_endpoint_auth_signing_alg: z
    .enum([...signingAlgorithms, 'HS256'])
    .optional()
    .meta({
      title: 'Signing algorithm',
      description:
        "Of the client's JWTs. Default: the usual one of the private key, and HS256 for client_secret_jwt.",
    }),
  client_assertion_kid: z.string().min(1).max(255).optional().meta({
    title: 'Key id',
    description: "The kid in the header of the client's JWTs.",
  }),
  client_certificate: z
    .string()
    .max(16_384)
    .superRefine((pem, context) => {
      if (pem.includes('PRIVATE KEY')) context.addIssue('must not hold a private key: it is shown to admins');
      else if (!parseCertificate(pem)) context.addIssue('must be an X.509 certificate in PEM');
    })
    .optional()
    .meta({
      title: 'Client certificate',
      description:
        "In PEM, public. The header of the client's JWTs names it by its thumbprints x5t and x5t#S256.",
    }),
  client_assertion_audience: z.enum(['issuer', 'token_endpoint', 'endpoint']).optional().meta({
    title: 'Audience of client assertions',
    description:
      'What private_key_jwt and client_secret_jwt name as aud; endpoint: the address the request is sent to. Without an issuer it is the token endpoint.',
    default: 'issuer',
  }),
  assertion_audience: z.string().min(1).max(2048).optional().meta({
    title: 'Audience of the assertion',
    description: 'What the assertion of the grant jwt_bearer names as aud. Default: the token endpoint.',
  }),
  assertion_claims: z
    .record(
      z
        .string()
        .regex(/^[\w:./-]{1,255}$/, 'must be the name of a claim')
        .refine((name) => !ownClaims.has(name), 'must not be a claim of its own'),
      z.union([z.string().max(8_192), z.number(), z.boolean(), z.array(z.string().max(2_048)).max(50)]),
    )
    .optional()
    .meta({
      title: 'Claims of the assertion',
      description: 'More claims of the assertion of the grant jwt_bearer, such as scope.',
    }),
  bearer_jwt_client_claim: z
    .string()
    .regex(/^[\w:./-]{1,255}$/, 'must be the name of a claim')
    .refine((name) => !['iat', 'exp', 'jti', 'nbf', 'aud'].includes(name), 'must not be a claim of its own')
    .optional()
    .meta({
      title: 'Client claim',
      description: 'The claim that carries the client id with bearer_jwt.',
      default: 'iss',
    }),
};
