import { guard } from '../guard.ts';

const sso = 'test/contract/console-sso.spec.ts';
const issuer = 'libs/access/sso/issuer-client.ts';
const people = 'libs/access/sso/people.ts';
const service = 'libs/access/sso/single-sign-on.ts';
const pages = 'apps/api/console/sso.controller.ts';

export const signInGuards = [
  guard(
    'a sign-in is finished where it was begun',
    [sso, 'in another browser'],
    [
      service,
      "if (!flow || callback.searchParams.get('state') !== flow.state) throw new SignInRefusal('answer_unknown');",
      "if (!flow) throw new SignInRefusal('answer_unknown');",
    ],
    // The package compares the state too.
    [issuer, 'expectedState: flow.state,', "expectedState: callback.searchParams.get('state') ?? '',"],
  ),
  guard(
    'an ID token is for one sign-in',
    [sso, 'believes no ID token'],
    [issuer, 'expectedNonce: flow.nonce,', ''],
  ),
  guard(
    'an ID token is signed, at a sign-in',
    [sso, 'believes no ID token'],
    [issuer, 'openid.enableNonRepudiationChecks,', ''],
  ),
  guard(
    'an ID token is of one client',
    [sso, 'believes no ID token'],
    [issuer, "if (azp !== this.settings.clientId) throw new SignInRefusal('not_believed', 'azp');", ''],
  ),
  guard(
    'an address counts once it is verified',
    [sso, 'nobody has bound them'],
    [people, "claims['email_verified'] === true && email !== undefined", 'email !== undefined'],
  ),
  guard(
    'an ID token is no key',
    [sso, 'no ID token in as a key'],
    [
      'libs/access/workload/workload-tokens.ts',
      '!isForConsole(consoleSso, identity)',
      'consoleSso !== null || identity',
    ],
  ),
  guard(
    'nobody is led to another site',
    [sso, 'to another site'],
    [
      'libs/access/sso/sign-in-flow.ts',
      "const isOurs = origin === base && (pathname === '/console' || pathname.startsWith('/console/'));",
      "const isOurs = origin !== '';",
    ],
  ),
  guard(
    'no other page begins a sign-in',
    [sso, 'begun by the console itself'],
    [pages, "return site === 'none' || site === 'same-origin';", "return site !== '';"],
  ),
  guard(
    'to sign in again is to be the same',
    [sso, 'as the same person'],
    [
      service,
      "if (flow.again && before?.holder.person !== person) throw new SignInRefusal('someone_else');",
      '',
    ],
  ),
  guard(
    'a sign-in again is one of now',
    [sso, 'as the same person'],
    [issuer, '...(flow.again ? { maxAge: 0 } : {}),', ''],
  ),
  guard(
    'a new sign-in ends the session before',
    [sso, 'a new one at each sign-in'],
    [pages, 'if (before) await this.sessions.end(before.tenantId, before.token);', ''],
  ),
  guard(
    'a sign-in of long ago does nothing that cannot be taken back',
    ['test/contract/console.spec.ts', 'asks for its key again'],
    [
      'libs/access/permission.guard.ts',
      "if (isSensitive && !isSignedInLately(request.user)) throw new AccessError('reauthentication_required');",
      '',
    ],
  ),
];
