import { isIP } from 'node:net';
import { z } from 'zod';

/** The shapes settings come in, each read from one environment string. */

export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port, 0 to 65535')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a port, 0 to 65535');

export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

export const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

export const postgresUrl = z
  .string()
  .refine((value) => /^postgres(ql)?:$/.test(parseUrl(value)?.protocol ?? ''), 'must be a postgresql:// URL');

export const httpUrl = z
  .string()
  .refine(isHttpUrl, 'must be an http(s) URL')
  .transform((value) => value.replace(/(?<!\/)\/+$/, ''));

/** `scheme://host[:port or *]`; a missing port means the scheme's own. */
export const egressRules = z.string().transform((value, context) => {
  const rules = value
    .split(',')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '');
  if (rules.every((rule) => /^https?:\/\/(\[[0-9a-f:.]+\]|[^/:*?#@\s]+)(:(\d{1,5}|\*))?$/i.test(rule)))
    return rules;
  context.addIssue({
    code: 'custom',
    message: 'must be a comma-separated list of scheme://host[:port or *]',
  });
  return z.NEVER;
});

/** Comma-separated `name=value`, percent-encoded, as OpenTelemetry defines them. */
export const otlpHeaders = z.string().transform((value, context) => {
  const pairs = value
    .split(',')
    .map((pair) => /^\s*([\w-]+)\s*=\s*([\x21-\x7e]+(?: [\x21-\x7e]+)*)\s*$/.exec(pair));
  try {
    return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', decodeURIComponent(pair?.[2] ?? '%')]));
  } catch {
    context.addIssue({ code: 'custom', message: 'must be comma-separated name=value, percent-encoded' });
    return z.NEVER;
  }
});

/** Addresses, or subnets in CIDR notation. */
export const addressRanges = z.string().transform((value, context) => {
  const ranges = value
    .split(',')
    .map((range) => range.trim())
    .filter((range) => range !== '');
  if (ranges.every(isAddressRange)) return ranges;
  context.addIssue({
    code: 'custom',
    message: 'must be a comma-separated list of addresses or CIDR subnets',
  });
  return z.NEVER;
});

function isAddressRange(range: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

export const providerEndpoints = json(
  z.record(
    z.string(),
    z.string().refine(isOriginAllowed, 'must be origins, and http: only to loopback, without a path'),
  ),
);

const text = z.string().regex(/^[^\p{Cc}]{1,512}$/u, 'must be 1 to 512 characters');
const quota = z.int().min(1).max(100_000_000);

/** So many that nobody meets them by accident. */
export const tenantQuotas = json(
  z.strictObject(
    {
      connections: quota.default(1_000_000),
      credentials: quota.default(10_000),
      api_keys: quota.default(10_000),
      open_links: quota.default(10_000),
    },
    { error: ({ code }) => (code === 'unrecognized_keys' ? 'names what has no quota' : undefined) },
  ),
);

export const jwtIssuers = json(
  z
    .array(
      z
        .strictObject({
          issuer: text,
          audience: text,
          jwks_uri: z.string().refine(isHttpUrl, 'must be an http(s) URL').optional(),
        })
        .refine(({ issuer, jwks_uri }) => jwks_uri !== undefined || isHttpUrl(issuer), {
          path: ['jwks_uri'],
          message: 'is required where the issuer is no http(s) URL: nothing can be discovered there',
        }),
    )
    .max(100, 'must name at most 100 issuers')
    .refine(
      (list) => new Set(list.map(({ issuer }) => issuer)).size === list.length,
      'names an issuer twice: give its other audiences in the bindings',
    ),
);

/** Claims that say where and when a JWT is good, and nothing about who it is for. */
export const claimsAboutTheToken: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'];

/** Each names claims that must all be exactly so; one is enough. */
export const administrators = json(
  z
    .array(
      z
        .record(text, text)
        .refine((claims) => Object.keys(claims).length > 0, 'must name a claim')
        .refine(
          (claims) => !Object.keys(claims).some((name) => claimsAboutTheToken.includes(name)),
          'must name claims that say who somebody is',
        ),
    )
    .max(1_000, 'must name at most 1,000'),
);

/** As the issuer writes itself, a slash at its end included. */
export const issuer = text.refine(
  (value) => isHttpsOrLoopback(value) && !/[?#]/.test(value),
  'must be an https URL, or http on loopback, without query',
);

export const scopes = z
  .string()
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/,
    'must be scopes with a space between them',
  )
  .refine((value) => value.split(' ').includes('openid'), 'must name openid');

function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

function isHttpUrl(value: string): boolean {
  return /^https?:$/.test(parseUrl(value)?.protocol ?? '');
}

function isOriginAllowed(value: string): boolean {
  const url = parseUrl(value);
  return url?.href === `${url?.origin}/` && isHttpsOrLoopback(value);
}

export function isHttpsOrLoopback(value: string): boolean {
  const url = parseUrl(value);
  if (!url) return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}

function parseUrl(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}
