import { guard } from '../guard.ts';

const headers = 'apps/api/http/security-headers.ts';
const answers = 'test/contract/http.spec.ts';
const doors = 'test/contract/token-doors.spec.ts';
const cookie = 'apps/api/connect/flow-cookie.ts';

export const httpGuards = [
  guard(
    'an answer kept for a moment goes with the first change',
    ['test/contract/token-read.spec.ts', 'is asked for anew as soon as'],
    [
      'apps/api/token/fast-path/cached-token-reads.ts',
      ' && last.changes === changes) return last',
      ') return last',
    ],
  ),
  guard('an answer tells how many seconds its token has left', 'apps/api/token/fast-path/served.spec.ts', [
    'apps/api/token/fast-path/served.ts',
    'Math.min(mostMs, ...secondsEnd)',
    'mostMs',
  ]),
  guard(
    'no answer is guessed to be of another type',
    [answers, 'browsers do not guess its type'],
    [headers, "    'x-content-type-options': 'nosniff',\n", ''],
  ),
  guard(
    'browsers stay with https',
    [answers, 'browsers are told to stay'],
    [
      headers,
      "...(isSecure ? { 'strict-transport-security'",
      "...(isSecure && hstsSeconds < 0 ? { 'strict-transport-security'",
    ],
  ),
  guard(
    'a page names no base and no form',
    [answers, 'names no base and no form'],
    ['apps/api/connect/page.ts', "base-uri 'none'; form-action 'none'; ", ''],
  ),
  guard(
    '/docs is framed by nobody',
    [answers, 'names no base and no form'],
    [headers, "form-action 'none'; frame-ancestors 'none'", "form-action 'none'"],
  ),
  guard(
    'the cookie of a flow belongs to this host',
    [answers, 'the cookie of a flow'],
    [cookie, "const hostPrefix = '__Host-';", "const hostPrefix = '';"],
  ),
  guard(
    'a body is read once it is known who sends it',
    [answers, 'is a matter of known callers'],
    [
      'apps/api/http/fastify-server.ts',
      'if (needsCaller) await asked.authenticate(request, reply);',
      'if (needsCaller === undefined) return;',
    ],
  ),
  guard(
    'HEAD reads no token for a proxy',
    [doors, 'reads no token by HEAD'],
    [
      'apps/api/token/forward-auth/forward-auth.routes.ts',
      "server.supportedMethods.filter((method) => method !== 'HEAD')",
      'server.supportedMethods',
    ],
  ),
  guard(
    'a proxy gets a token for its hosts',
    [doors, 'without a host, and with two'],
    [
      'apps/api/token/forward-auth/forward-auth.routes.ts',
      'if (host === undefined || !rule.hosts.includes(host)) throw foreignHost();',
      '',
    ],
  ),
  guard('production has an https address', 'libs/config/settings.spec.ts', [
    'libs/config/settings.ts',
    "if (!values.GRANTKEEPER_PUBLIC_URL?.startsWith('https:'))",
    "if (!values.GRANTKEEPER_PUBLIC_URL?.startsWith('http'))",
  ]),
  guard(
    'a dry run saves nothing',
    ['test/contract/dry-run.spec.ts', 'saves nothing, and is in the audit trail'],
    ['libs/vault/database.ts', 'if (isDryRun()) {', 'if (isDryRun() && change === null) {'],
  ),
  guard(
    'a dry run of a connection asks for no token',
    ['test/contract/dry-run.spec.ts', 'asks the provider for no token'],
    [
      'apps/api/connections/connections.controller.ts',
      'this.making.tryOut(tenant, body, verify)',
      'this.making.create(tenant, body, verify).then(({ body }) => body)',
    ],
  ),
  guard(
    'a dry run is refused where it is not known',
    ['test/contract/dry-run.spec.ts', 'is refused where it is not known'],
    ['apps/api/api.module.ts', '  { provide: APP_GUARD, useClass: DryRunGuard },\n', ''],
  ),
  guard(
    'an opened link has ten minutes',
    ['test/attacks/callback.spec.ts', 'that come ten minutes after the link was opened'],
    [
      'libs/vault/repositories/authorization.repository.ts',
      "cookie_hash = $2,\n         expires_at = gk.now() + interval '10 minutes'",
      'cookie_hash = $2',
    ],
  ),
  guard(
    'a logo is the image that it says it is',
    ['test/contract/bad-input.spec.ts', 'a logo is PNG'],
    [
      'apps/api/tenants/branding.schemas.ts',
      "begins[kind]?.test(bytes.subarray(0, 12).toString('hex')) === true",
      'true',
    ],
  ),
  guard(
    'the look of a page is text to a browser',
    ['test/contract/consent.spec.ts', 'nothing that a browser would run'],
    ['apps/api/connect/page-look.ts', 'escaped(name)}</span>', 'name}</span>'],
  ),
  guard(
    'a header of a cached read is one header',
    ['apps/api/token/fast-path/written-head.spec.ts', 'would be another header'],
    ['apps/api/token/fast-path/written-head.ts', '    validateHeaderValue(name, value);\n', ''],
  ),
];
