import type { Principal } from '#access';
import { isSlug } from '../../http/common.schemas.js';
import { OAuthError } from './oauth-error.js';
import type { TokenForm } from './token-form.js';

/** The connection a token request is about. */
export interface TokenTarget {
  readonly tenant: string;
  readonly connection: string;
}

/** The places beside the form that name a connection. */
export interface TargetContext {
  /** Of the endpoint of one connection. */
  readonly path: TokenTarget | undefined;
  /** Of a key, which may be narrowed to one connection. */
  readonly principal: Principal | undefined;
  /** Addresses of this installation that its connections' URLs begin with. */
  readonly origins: readonly string[];
}

/**
 * One connection: the one that the request names, or else that of the key.
 * @throws OAuthError `invalid_target`
 */
export function tokenTarget(form: TokenForm, context: TargetContext): TokenTarget {
  const target = namedTarget(form, context) ?? impliedTarget(context.principal);
  if (target) return target;
  throw new OAuthError(
    'invalid_target',
    'Name a connection: audience=<tenant>/<connection>, or its URL as resource.',
  );
}

/**
 * Named by the path, by `audience=<tenant>/<connection>` or by `resource=<URL of the connection>` (RFC 8707); several
 * names must agree.
 * @returns undefined where there is no name
 * @throws OAuthError `invalid_target`
 */
export function namedTarget(
  form: TokenForm,
  { path, origins }: Pick<TargetContext, 'path' | 'origins'>,
): TokenTarget | undefined {
  const audiences = form.all('audience');
  const resources = form.all('resource');
  if (audiences.length > 1 || resources.length > 1) {
    throw new OAuthError('invalid_target', 'A token is for one connection; name one.');
  }
  const [first, ...others] = [
    ...(path ? [path] : []),
    ...audiences.map(ofAudience),
    ...resources.map((url) => ofResource(url, origins)),
  ];
  if (!first) return undefined;
  if (others.some(({ tenant, connection }) => tenant !== first.tenant || connection !== first.connection)) {
    throw new OAuthError('invalid_target', 'The request names two different connections.');
  }
  if (!isSlug(first.tenant) || !isSlug(first.connection)) throw malformed();
  return first;
}

/** The connection of a key that is narrowed to one. */
export function impliedTarget(principal: Principal | undefined): TokenTarget | undefined {
  const [connection, ...others] = principal?.connections ?? [];
  const tenant = principal?.tenantSlug ?? null;
  if (tenant === null || connection === undefined || others.length > 0) return undefined;
  return { tenant, connection };
}

function ofAudience(audience: string): TokenTarget {
  const [tenant = '', connection = '', ...rest] = audience.split('/');
  if (rest.length > 0) throw malformed();
  return { tenant, connection };
}

function ofResource(url: string, origins: readonly string[]): TokenTarget {
  const origin = origins.find((start) => url.startsWith(`${start}/`));
  const path = origin === undefined ? '' : url.slice(origin.length);
  const [, tenant, connection] = /^\/v1\/tenants\/([^/?#]+)\/connections\/([^/?#]+)$/.exec(path) ?? [];
  if (tenant === undefined || connection === undefined) throw malformed();
  return { tenant, connection };
}

function malformed(): OAuthError {
  return new OAuthError(
    'invalid_target',
    'A connection is named as audience=<tenant>/<connection>, or by its URL as resource.',
  );
}
