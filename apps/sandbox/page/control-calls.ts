/** The control API, one line a call, for the front page. */
export const CONTROL_CALLS: readonly (readonly [call: string, meaning: string])[] = [
  ['POST · GET /_control/rules', 'bend the next matching requests; list rules and how often each applied'],
  ['GET · DELETE /_control/rules/{id}, DELETE /_control/rules', 'one rule; all of them'],
  [
    'PUT · GET · DELETE /_control/behaviours',
    'standing {provider, client_id?, expires_in?, lifetime_seconds?, latency_ms?, switches?}, switches being those of the provider above',
  ],
  [
    'POST · GET /_control/clients',
    'register {provider, client_id, client_secret?, public_key?, redirect_uris?}; several secrets or keys are all good, neither makes a public client; keys are RSA in PEM',
  ],
  ['PATCH /_control/clients/{provider}/{client_id}', 'change some of these'],
  ['DELETE /_control/clients/{provider}/{client_id}', 'forget a client'],
  [
    'GET · DELETE /_control/requests?provider=&client_id=&path=&grant_type=&method=&limit=',
    'the last 10,000 requests as they were on the wire',
  ],
  [
    'GET /_control/counts?provider=&client_id=',
    'token requests per provider and client: arrived, processed, tokens issued, in all and by grant type; other calls by path',
  ],
  [
    'GET · POST · DELETE /_control/grants?provider=&client_id=&user=&refresh_token=',
    'refresh token families: which is live, how often each came and was spent; make one {provider, client_id, user, scope?, lifetime_seconds?}; revoke',
  ],
  ['GET · DELETE /_control/grants/{id}', 'one of them; revoke it'],
  [
    'GET /_control/backchannel?provider=&client_id=&user=',
    'CIBA requests, with the time of each poll and whether it came early',
  ],
  ['GET · POST /_control/backchannel/{auth_req_id}', 'one of them; {decision: approve, deny or expire}'],
  [
    'GET · POST /_control/people, DELETE /_control/people/{id}',
    'users and phones: {id, persona: approves, denies, never or slow, after_seconds?, password?, supported_network?, requires_carrier_network?}',
  ],
  ['GET /_control/demo-application', 'a Vonage application with its private key'],
  ['GET · DELETE /_control/tokens?provider=&client_id=&limit=', 'tokens issued; revoke them'],
  ['GET · DELETE /_control/tokens/{token}', 'whether the provider would accept a token; revoke it'],
  ['GET · POST /_control/clock', 'the time here; {advance_seconds} moves it forward'],
  ['POST /_control/reset', 'as if just started'],
];
