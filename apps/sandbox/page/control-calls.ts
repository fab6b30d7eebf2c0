/** The control API, one line a call, for the front page. */
export const CONTROL_CALLS: readonly (readonly [call: string, meaning: string])[] = [
  ['POST · GET /_control/rules', 'bend the next matching requests; list rules and how often each applied'],
  ['GET · DELETE /_control/rules/{id}, DELETE /_control/rules', 'one rule; all of them'],
  [
    'PUT · GET · DELETE /_control/behaviours',
    'standing {provider, client_id?, expires_in?, lifetime_seconds?, latency_ms?}',
  ],
  [
    'POST · GET /_control/clients',
    'register {provider, client_id, client_secret}, the secret also a list of several that are all good',
  ],
  ['DELETE /_control/clients/{provider}/{client_id}', 'forget a client'],
  [
    'GET · DELETE /_control/requests?provider=&client_id=&path=&grant_type=&method=&limit=',
    'the last 10,000 requests as they were on the wire',
  ],
  [
    'GET /_control/counts?provider=&client_id=',
    'token requests per provider and client: arrived, processed, tokens issued',
  ],
  ['GET · DELETE /_control/tokens?provider=&client_id=&limit=', 'tokens issued; revoke them'],
  ['GET · DELETE /_control/tokens/{token}', 'whether the provider would accept a token; revoke it'],
  ['GET · POST /_control/clock', 'the time here; {advance_seconds} moves it forward'],
  ['POST /_control/reset', 'as if just started'],
];
