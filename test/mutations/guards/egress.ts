import { guard } from '../guard.ts';

const policy = 'libs/egress/egress-policy.ts';
const policies = 'libs/egress/egress-policy.spec.ts';
const client = 'libs/egress/guarded-http.client.ts';
const calls = 'libs/oauth-http/egress.spec.ts';
const lookup = 'libs/egress/guarded-lookup.ts';

export const egressGuards = [
  guard('a private network is not public', policies, [
    'libs/egress/public-address.ts',
    "  '10.0.0.0/8',\n",
    '',
  ]),
  guard('an IPv4 address in IPv6 is not public', policies, [
    'libs/egress/public-address.ts',
    "globalUnicastV6.check(address, 'ipv6') &&",
    '',
  ]),
  guard('a call goes to no address that is not public', calls, [
    'libs/egress/guarded-agent.ts',
    'if (guarded && isIP(host) && !isPublicAddress(host)) {',
    'if (guarded && host === "") {',
  ]),
  guard('every address of a name is public', calls, [
    lookup,
    '!addresses.every(({ address }) => isPublicAddress(address))',
    '!addresses.some(({ address }) => isPublicAddress(address))',
  ]),
  guard('a name is asked for once: the socket takes what was judged', policies, [
    lookup,
    'return options.all ? callback(null, addresses) : callback(null, first.address, first.family);',
    'return resolve(hostname, options, callback);',
  ]),
  guard(
    'a socket of an exempt call serves no guarded one',
    ['libs/egress/guarded-http.client.spec.ts', 'no socket of an exempt call'],
    [
      'libs/egress/guarded-agent.ts',
      "return options?.demand?.guarded === false ? 'exempt' : 'guarded';",
      "return options?.demand ? 'exempt' : 'guarded';",
    ],
  ),
  guard(
    'a redirect is not followed',
    'libs/egress/guarded-http.client.spec.ts',
    [client, 'maxRedirects: 0,', 'maxRedirects: 5,'],
    // A transport of ours follows none either.
    [
      client,
      'transport: this.pool.transport(demand, request.repeatable, request.clientCertificate),',
      'lookup: demand.resolve,',
    ],
  ),
  guard('a rule allows one port', policies, [
    policy,
    '(rule.port === null || rule.port === portOf(url))',
    'rule.port !== ""',
  ]),
  guard('nothing goes out in plain text', policies, [
    policy,
    "return url.protocol === 'https:' && portOf(url) === '443' ? 'guarded' : 'refused';",
    "return ['80', '443'].includes(portOf(url)) ? 'guarded' : 'refused';",
  ]),
  guard('https goes to one port', policies, [
    policy,
    "return url.protocol === 'https:' && portOf(url) === '443' ? 'guarded' : 'refused';",
    "return url.protocol === 'https:' ? 'guarded' : 'refused';",
  ]),
  guard('no address carries a user', policies, [
    policy,
    "if (url.username !== '' || url.password !== '') return 'refused';",
    '',
  ]),
  guard(
    'an answer is read up to its cap',
    'libs/oauth-http/token-endpoint.client.spec.ts',
    [
      'libs/egress/response-body.ts',
      'if (bytes > maxBodyBytes) stream.destroy(new BodyTooLargeError());',
      'if (bytes < 0) stream.destroy(new BodyTooLargeError());',
    ],
    ['libs/egress/response-body.ts', 'if (Number(length) > maxBodyBytes) {', 'if (Number(length) < 0) {'],
    [
      'libs/egress/response-body.ts',
      'decodeBody(await collect(stream), encoding, maxBodyBytes)',
      'decodeBody(await collect(stream), encoding, maxBodyBytes * 1_000)',
    ],
  ),
];
