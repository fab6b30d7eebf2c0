import { guard } from '../guard.ts';

const may = 'libs/access/may.ts';
const roles = 'libs/access/may.spec.ts';
const isolation = 'test/security/tenancy.spec.ts';
const authenticator = 'libs/access/authenticator.ts';
const callers = 'libs/access/authenticator.int-spec.ts';
const failures = 'libs/access/limits/failed-authentications.ts';
const limits = 'test/contract/limits.spec.ts';

const origin = 'libs/access/console/console-origin.ts';
const sessions = 'libs/access/console/console-sessions.ts';
const storedSessions = 'libs/vault/repositories/console-session.repository.ts';
const session = 'test/contract/console.spec.ts';
const consolePolicy = 'apps/api/console/console-headers.ts';

export const accessGuards = [
  guard('a role does what its table says', roles, [
    may,
    'if (!roles.includes(principal.role)) return false;',
    '',
  ]),
  guard('a token reader writes nothing', roles, [
    may,
    "'credential.write': ['tenant_admin']",
    "'credential.write': ['tenant_admin', 'token_reader']",
  ]),
  guard('each route asks for its permission', isolation, [
    'libs/access/permission.guard.ts',
    "if (!may(request.user, action, slug, connection)) throw this.refused(request.user, 'forbidden');",
    '',
  ]),
  guard('a key is of one tenant', roles, [
    may,
    'if (tenantSlug !== null && tenantSlug !== principal.tenantSlug) return false;',
    '',
  ]),
  guard(
    'a tenant that is not the caller’s is not found',
    [isolation, 'not found, byte for byte'],
    [
      'libs/access/tenant-gate.ts',
      "return principal.role === 'platform_admin' || principal.tenantSlug === slug;",
      'return slug !== principal.callerId;',
    ],
  ),
  guard('a key may be narrowed to connections', roles, [
    may,
    'principal.connections.includes(connectionSlug)',
    'principal.connections.length > 0',
  ]),
  guard('a token from memory is for those who may read it', 'test/contract/token-read.spec.ts', [
    'apps/api/token/fast-path/cached-admission.ts',
    "may(principal, 'token.read', tenantSlug, connection)",
    "may(principal, 'provider.read', tenantSlug, connection)",
  ]),
  guard(
    'a token from memory is for the key whose id the client gives',
    ['test/contract/token-doors.spec.ts', 'that names another key'],
    [
      'apps/api/token/fast-path/cached-admission.ts',
      'ofKey?.callerId === clientId ? ofKey : undefined',
      'ofKey',
    ],
  ),
  guard(
    'a token from memory goes to a proxy for the hosts of its client credentials',
    ['test/contract/token-doors.spec.ts', 'only for its host'],
    [
      'apps/api/token/fast-path/forward-door.ts',
      'rule?.hosts.includes(host) === true && !rule.isSingleUse',
      'rule !== undefined',
    ],
  ),
  guard('a platform administrator is told of a tenant that was renamed', 'test/contract/token-read.spec.ts', [
    'libs/access/tenant-gate.ts',
    'tenant: ({ id }) => id,',
    'tenant: () => null,',
  ]),
  guard(
    'a remembered key ends at its end',
    [callers, 'ends a remembered key'],
    [
      authenticator,
      'expiresInMs === null ? Number.POSITIVE_INFINITY : asked.atMs + expiresInMs',
      'expiresInMs === null ? Number.POSITIVE_INFINITY : Number.MAX_VALUE',
    ],
  ),
  guard(
    'an unknown key is asked about once',
    [callers, 'asks once about the same one'],
    [authenticator, 'this.unknown.add(name, askedUnknown);', ''],
  ),
  guard('few unknown keys are remembered', 'libs/access/limits/limits.spec.ts', [
    'libs/access/limits/unknown-keys.ts',
    'max: mostKeys, ttl: rememberedMs',
    'max: mostKeys * 10, ttl: rememberedMs',
  ]),
  guard(
    'an address fails 200 times',
    [callers, 'refuses an address after 200'],
    [
      failures,
      'refuseFor(this.addresses.take(addressBlock(address), perAddress, this.clock.monotonicMs()));',
      'addressBlock(address);',
    ],
  ),
  guard(
    'keys that begin alike fail 20 times',
    [callers, 'asks 20 times'],
    [failures, 'this.prefixes.take(prefixOf(bearer), perPrefix, this.clock.monotonicMs());', ''],
  ),
  guard(
    'made-up keys cost few questions',
    [callers, '100 times at most'],
    [
      failures,
      'return waitMs > 0 ? waitMs : this.asked.take(allQuestions, questions, nowMs);',
      'return waitMs;',
    ],
  ),
  guard(
    'a tenant has only so many of each',
    [limits, 'hold for client credentials and keys'],
    ['apps/api/tenants/tenant-quotas.ts', 'if (room <= 0) throw full(kind, most);', ''],
  ),
  guard(
    'a person is not prompted again and again',
    [limits, 'come to one person five times'],
    [
      'apps/api/connections/prompt-limits.ts',
      'for (const { limiter, rate } of this.limiters) limiter.take(name, rate, nowMs);',
      '',
    ],
  ),
  guard(
    'the requests of a tenant are limited',
    [limits, 'of a tenant are limited'],
    [
      'libs/access/limits/request-limits.ts',
      'const tenantWaitMs = tenant ? takeFrom(tenant, nowMs) : 0;',
      'const tenantWaitMs = 0;',
    ],
  ),
  guard('a browser gets no token', roles, [
    may,
    'if (principal.isConsole && closedToConsole.includes(action)) return false;',
    '',
  ]),
  guard(
    'a form of another page cannot use a session',
    [session, 'nobody without the header'],
    [origin, "headers[consoleHeader] !== '1' || ", ''],
  ),
  guard(
    'a page of another origin cannot use a session',
    [session, 'from the page of another origin'],
    [
      origin,
      "return origin === undefined ? method === 'GET' || method === 'HEAD' : origin === own;",
      'return true;',
    ],
  ),
  guard(
    'a page of another origin cannot begin a session',
    [session, 'from the page of another origin'],
    ['apps/api/console/console-session.controller.ts', 'this.refuseForeign(request);', ''],
  ),
  guard(
    'the cookie of a session belongs to this host',
    ['test/contract/console-sso.spec.ts', 'only https carries and only this host can set'],
    ['libs/access/console/console-cookie.ts', "const hostPrefix = '__Host-';", "const hostPrefix = '';"],
  ),
  guard(
    'the console runs no text of a page',
    [session, 'runs nothing of its own text'],
    [consolePolicy, "script-src 'self'; ", "script-src 'self' 'unsafe-inline'; "],
  ),
  guard(
    'the console is framed by nobody',
    [session, 'runs nothing of its own text'],
    [consolePolicy, "frame-ancestors 'none'; ", ''],
  ),
  guard(
    'the console makes no markup of a text',
    [session, 'runs nothing of its own text'],
    [consolePolicy, "; require-trusted-types-for 'script'; trusted-types 'none'", ''],
  ),
  guard(
    'a session that is signed out is gone',
    [session, 'once it is signed out'],
    [storedSessions, 'await manager.delete(ConsoleSession, { id: row.id });', ''],
  ),
  guard(
    'a session is of the key that its signature names',
    [session, 'nor turned into that of another'],
    [storedSessions, '!row || !isAsSigned(session, row) ||', '!row ||'],
  ),
  guard(
    'a session is signed',
    [session, 'made by nobody who writes'],
    [
      storedSessions,
      'return session && this.macs.verifies(sessionMembers(session), session) ? session : undefined;',
      'return session;',
    ],
  ),
  guard(
    'made-up sessions are counted',
    [session, 'counts failed sign-ins'],
    [sessions, 'this.failed.count(ip);', ''],
  ),
];
