import { guard } from '../guard.ts';

const callback = 'libs/connect/callback.service.ts';
const sessions = 'libs/vault/repositories/authorization.repository.ts';
const attacks = 'test/attacks/callback.spec.ts';

export const oauthGuards = [
  guard(
    'a callback is of the browser that was sent away',
    [attacks, 'from another browser than'],
    [
      callback,
      '!callback.cookies.some((cookie) => isDigestOf(found.session.cookieHash, cookie))',
      'isDigestOf(found.session.cookieHash, "")',
    ],
  ),
  guard(
    'the secret of a link is no state',
    [attacks, 'in the place of the state'],
    [callback, 'if (found.session.linkHash.equals(digest))', 'if (digest.length === 0)'],
  ),
  guard(
    'a callback counts once',
    [attacks, 'ten times at once'],
    [
      sessions,
      'where id = $1 and returned_at is null and expires_at > gk.now() returning id',
      'where id = $1 and expires_at > gk.now() returning id',
    ],
  ),
  guard(
    'a session ends after ten minutes',
    [attacks, 'after ten minutes'],
    [
      callback,
      "if (expired || !session.openedAt) return expired ? 'state_expired' : 'state_unknown';",
      "if (!session.openedAt) return expired ? 'state_expired' : 'state_unknown';",
    ],
    [
      sessions,
      'where id = $1 and returned_at is null and expires_at > gk.now() returning id',
      'where id = $1 and returned_at is null returning id',
    ],
  ),
  guard(
    'an older session dies when a newer one begins',
    [attacks, 'a later one has taken the place'],
    [sessions, 'where connection_id = $1 and confirmed_at is null`', 'where connection_id = $1 and false`'],
  ),
  guard(
    'a link opens once',
    [attacks, 'a link that was opened before'],
    [sessions, 'where id = $1 and opened_at is null and expires_at', 'where id = $1 and expires_at'],
  ),
  guard(
    'a callback comes to the path of its credential',
    [attacks, 'on another tenant'],
    [
      callback,
      "return expectedPlace ? undefined : 'wrong_place';",
      "return expectedPlace || place ? undefined : 'wrong_place';",
    ],
  ),
  guard(
    'an issuer that is named is the right one',
    [attacks, 'another issuer although'],
    [
      callback,
      'if (known && callback.iss !== known.issuer && (isRequired || callback.iss !== undefined))',
      'if (known && callback.iss === undefined && isRequired)',
    ],
  ),
  guard(
    'a promised issuer is named',
    [attacks, 'one that does not say so'],
    [
      callback,
      'const isRequired = known?.isPromised || callback.place === null;',
      'const isRequired = callback.place === null;',
    ],
  ),
  guard(
    'the shared callback wants the issuer',
    [attacks, 'comes to the path that all share'],
    [
      callback,
      'const isRequired = known?.isPromised || callback.place === null;',
      'const isRequired = known?.isPromised;',
    ],
  ),
  guard(
    'the shared callback serves one server',
    [attacks, 'comes to the path that all share'],
    ['apps/api/credentials/shared-callback.ts', 'if (!others.every(isSame)) throw servesAnother();', ''],
  ),
  guard(
    'a code is tied to its session by PKCE',
    [attacks, 'PKCE refuses it'],
    [
      'libs/connect/authorization.service.ts',
      'const [link, state, codeVerifier] = [newSecret(), newSecret(), newSecret()];',
      "const [link, state, codeVerifier] = [newSecret(), newSecret(), 'v'.repeat(43)];",
    ],
  ),
  guard(
    'a confirmation code is of one connection',
    [attacks, 'a confirmation code of another connection'],
    [
      sessions,
      '        tenantId,\n        connectionId,\n        confirmationHash,',
      '        tenantId,\n        confirmationHash,',
    ],
  ),
  guard(
    'a link of a disabled tenant is unknown',
    [attacks, 'a tenant that is disabled'],
    ['libs/vault/schema/functions/find_authorization.sql', ' and t.disabled_at is null', ''],
  ),
  guard(
    'a browser is sent only where the credential says',
    [attacks, 'return_url'],
    [
      'apps/api/connections/return-url.ts',
      'Array.isArray(listed) && listed.includes(returnUrl)',
      'Array.isArray(listed)',
    ],
  ),
  guard(
    'a changed endpoint wants the secret',
    ['test/contract/changed-endpoint.spec.ts', 'a changed endpoint does not get'],
    [
      'apps/api/credentials/guarded-change.ts',
      "if (guarded.length > 0 && stored.some(({ kind }) => kind !== 'none')) {",
      'if (guarded.length > 1_000 && stored.length > 0) {',
    ],
  ),
];
