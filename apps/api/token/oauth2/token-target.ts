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
 * One connection, named by the path, by `audience=<tenant>/<connection>`, by `resource=<URL of the connection>`
 * (RFC 8707) or by the key; several names must agree.
 * @throws OAuthError `invalid_target`
 */
export function tokenTarget(form: TokenForm, { path, principal, origins }: TargetContext): TokenTarget {
  const audiences = form.all('audience');
  const resources = form.all('resource');
  if (audiences.length > 1 || resources.length > 1) {
    throw new OAuthError('invalid_target', 'A token is for one connection; name one.');
  }
  const named = [
    ...(path ? [path] : []),
    ...audiences.map(ofAudience),
    ...resources.map((url) => ofResource(url, origins)),
  ];
  const [first = ofKey(principal), ...others] = named;
  if (others.some(({ tenant, connection }) => tenant !== first.tenant || connection !== first.connection)) {
    throw new OAuthError('invalid_target', 'The request names two different connections.');
  }
  if (!isSlug(first.tenant) || !isSlug(first.connection)) throw malformed();
  return first;
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

function ofKey(principal: Principal | undefined): TokenTarget {
  const [connection, ...others] = principal?.connections ?? [];
  const tenantSlug = principal?.tenantSlug ?? null;
  if (tenantSlug === null || connection === undefined || others.length > 0) {
    throw new OAuthError(
      'invalid_target',
      'Name a connection: audience=<tenant>/<connection>, or its URL as resource.',
    );
  }
  return { tenant: tenantSlug, connection };
}

function malformed(): OAuthError {
  return new OAuthError(
    'invalid_target',
    'A connection is named as audience=<tenant>/<connection>, or by its URL as resource.',
  );
}
