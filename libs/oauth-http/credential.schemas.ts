import { z } from 'zod';
import { algorithmsOf, minRsaBits, parsePrivateKey, rsaBits } from './private-key.js';

const noBlankAround = /^\S(?:.*\S)?$/su;
const copiedBlank = 'must not begin or end with a blank: it has come along from where it was copied';

/** Fields that several providers ask for, under one name and with one rule each. They become public JSON Schema. */

export const clientIdField = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x20-\x7e]+$/, 'must be 1 to 255 printable ASCII characters')
  .regex(noBlankAround, copiedBlank)
  .meta({ title: 'Client id' });

/** For servers whose registrations are documents or addresses of their own. */
export const longClientIdField = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[\x20-\x7e]+$/, 'must be 1 to 2048 printable ASCII characters')
  .regex(noBlankAround, copiedBlank)
  .meta({ title: 'Client id' });

export const clientSecretField = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\p{Cc}]+$/u, 'must be 1 to 4096 characters without line breaks or other control characters')
  .regex(noBlankAround, copiedBlank)
  .meta({ title: 'Client secret', format: 'password', writeOnly: true });

const pemField = z
  .string()
  .min(1)
  .max(16_384)
  .meta({ title: 'Private key', format: 'password', writeOnly: true });

/** Any key that a client assertion can be signed with. */
export const privateKeyField = pemField.superRefine((pem, context) => {
  const key = parsePrivateKey(pem);
  if (!key) context.addIssue(notPem);
  else if (algorithmsOf(key).length === 0) {
    context.addIssue(`must be RSA of at least ${minRsaBits} bits, EC P-256, P-384 or P-521, or Ed25519`);
  }
});

/** For providers that know RS256 only. */
export const rsaPrivateKeyField = pemField.superRefine((pem, context) => {
  const key = parsePrivateKey(pem);
  if (!key) context.addIssue(notPem);
  else if (key.asymmetricKeyType !== 'rsa') context.addIssue('must be an RSA key');
  else if (rsaBits(key) < minRsaBits) {
    context.addIssue(`must be an RSA key of at least ${minRsaBits} bits; this one has ${rsaBits(key)}`);
  }
});

const notPem = 'must be a private key in PEM (PKCS#8 or PKCS#1), not encrypted';

/** http is let through here and refused at the call, unless the egress rules name the origin. */
export const endpointField = z
  .string()
  .max(2048)
  .refine(isEndpoint, 'must be an absolute https URL without user, password or fragment')
  .meta({ format: 'uri' });

const browserUrlField = z
  .string()
  .max(2048)
  .refine(isBrowserUrl, 'must be an https URL (http only on loopback) without user, password or fragment')
  .meta({ format: 'uri' });

/** As a proxy writes it into `X-Forwarded-Host`. */
const hostField = z
  .string()
  .max(260)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]{2,45}\])(?::[1-9]\d{0,4})?$/,
    'must be host or host:port in lower case, without a scheme, path or wildcard',
  );

/** Settings of every provider. */
export const commonSettings = {
  upstream_hosts: z
    .array(hostField)
    .max(50)
    .optional()
    .meta({
      title: 'Upstream hosts',
      description:
        'Hosts to which proxies may send requests with the tokens, by forward_auth; compared exactly. Absent: none.',
      examples: [['api.example.com']],
    }),
};

/** Settings of every provider with a code flow. */
export const codeFlowSettings = {
  ...commonSettings,
  redirect_uri: browserUrlField.optional().meta({
    title: 'Redirect URI',
    description:
      "The redirect URI registered in the provider's dashboard, where it is not this installation's own.",
  }),
  return_urls: z.array(browserUrlField).max(50).optional().meta({
    title: 'Return URLs',
    description: 'Where the browser may be sent after the authorisation; compared character by character.',
  }),
  allow_unconfirmed: z.boolean().optional().meta({
    title: 'Allow unconfirmed',
    description:
      "Whether a code may be exchanged without the application's confirmation. Default: the installation's.",
  }),
};

/** Of them, those that decide neither where secrets are sent nor how the client authenticates. */
export const codeFlowSettingsChangedWithoutSecret = [
  'upstream_hosts',
  'redirect_uri',
  'return_urls',
  'allow_unconfirmed',
] as const satisfies (keyof typeof codeFlowSettings)[];

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password && !text.includes('#');
}

function isBrowserUrl(text: string): boolean {
  if (!isEndpoint(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
