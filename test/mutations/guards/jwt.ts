import { guard } from '../guard.ts';

const workloads = 'test/contract/workload-identities.spec.ts';
const verifier = 'libs/access/workload/jwt-verifier.ts';
const idToken = 'libs/oauth-http/id-token.ts';
const idTokens = 'libs/oauth-http/id-token.spec.ts';

export const jwtGuards = [
  guard(
    'a workload JWT is for us',
    [workloads, 'for another audience'],
    [
      'libs/access/workload/workload-principal.ts',
      'audiences.includes(audience ?? issuer.audience) && claimsMatch',
      'audiences.length > 0 && claimsMatch',
    ],
  ),
  guard(
    'a workload JWT ends',
    [workloads, 'after its end and the leeway'],
    [verifier, 'clockTolerance: leewaySeconds,', 'clockTolerance: 1_000_000_000,'],
    // It is also remembered no longer than it lasts.
    [verifier, '(exp + leewaySeconds) * 1_000', '(exp + 1_000_000_000) * 1_000'],
  ),
  guard(
    'a workload JWT says when it ends',
    [workloads, 'without an end'],
    [verifier, "requiredClaims: ['exp'],", ''],
    [verifier, 'const { exp = 0 } = payload;', 'const { exp = 9_999_999_999 } = payload;'],
  ),
  guard(
    'a workload JWT is of a listed issuer',
    // Its tests follow one another: all are run.
    workloads,
    [verifier, "this.issuers.get(issuerOf(jwt) ?? '')", '[...this.issuers.values()][0]'],
    [verifier, 'issuer: issuer.listed.issuer,', ''],
  ),
  guard(
    'a public key is no shared secret',
    [workloads, 'used as a shared secret'],
    [verifier, 'workloadAlgorithms.includes(alg) &&', 'alg.length > 0 &&'],
    [
      verifier,
      'for (const key of await issuer.keys.candidates(header)) {',
      [
        'const [any] = await issuer.keys.candidates({ ...header, alg: "RS256" });',
        'if (!any) return undefined;',
        'const { KeyObject, createSecretKey } = await import("node:crypto");',
        'const pem = Buffer.from(KeyObject.from(any).export({ type: "spki", format: "pem" }));',
        'for (const key of [header.alg.startsWith("HS") ? createSecretKey(pem) : any]) {',
      ].join('\n'),
    ],
    [verifier, 'algorithms: [...workloadAlgorithms],', ''],
  ),
  guard(
    'a workload JWT does not bring its own key',
    [workloads, 'brings its own key'],
    [
      verifier,
      'for (const key of await issuer.keys.candidates(header)) {',
      'for (const key of header.jwk ? [await (await import("jose")).importJWK(header.jwk, header.alg)] : await issuer.keys.candidates(header)) {',
    ],
  ),
  guard(
    'the header of a workload JWT does not say where its key is',
    [workloads, 'brings its own key'],
    [
      verifier,
      'for (const key of await issuer.keys.candidates(header)) {',
      'for (const key of header.jku ? [(await import("jose")).createRemoteJWKSet(new URL(header.jku)) as never] : await issuer.keys.candidates(header)) {',
    ],
  ),
  guard(
    'a workload JWT is no logout token',
    [workloads, 'of a logout'],
    [verifier, "types.includes(type.replace(/^application\\//, ''))", "types.includes('jwt')"],
  ),
  guard('an ID token is for this client', idTokens, [
    idToken,
    "if (!audiences.includes(clientId)) throw wrong('it is for another client');",
    '',
  ]),
  guard('an ID token is of the issuer', idTokens, [
    idToken,
    "if (issuer !== undefined && claims.iss !== issuer) throw wrong('it names another issuer');",
    '',
  ]),
  guard('an ID token names the authorized party', idTokens, [
    idToken,
    'if (azp === undefined ? audiences.length > 1 : azp !== clientId)',
    'if (audiences.length > 100)',
  ]),
  guard('an ID token ends', idTokens, [idToken, '|| claims.exp + leewaySeconds <= nowSeconds', '']),
  guard('an ID token begins', idTokens, [
    idToken,
    'claims.nbf - leewaySeconds > nowSeconds',
    'claims.nbf < 0',
  ]),
  guard('an ID token is signed', idTokens, [idToken, '  await checkSignature(idToken, checks);\n', '']),
  guard('an ID token is signed by an allowed algorithm', idTokens, [
    idToken,
    "if (!isAsymmetric) throw wrong('its algorithm is not allowed');",
    'if (!isAsymmetric) return;',
  ]),
];
