import { guard } from '../guard.ts';

const suite = 'libs/client/client.spec.ts';
const source = 'libs/client/token-source.ts';
const cached = 'libs/client/cached-token.ts';
const http = 'libs/client/grantkeeper-http.ts';

export const clientGuards = [
  guard(
    'the client asks once for all who wait',
    [suite, 'asked for once however many want it'],
    [source, 'this.#flight ?? this.#start(minTtl)', 'this.#start(minTtl)'],
  ),
  guard(
    'the client serves no token after its end',
    [suite, 'served on while it lasts and the renewal fails'],
    [source, 'this.#cached?.isAlive() ? this.#cached : undefined', 'this.#cached'],
  ),
  guard(
    'the client refreshes a token ahead of its end',
    [suite, 'refreshed ahead of its end'],
    [source, 'if (cached.isAging(minTtl, this.#settings.maxAgeSeconds)) this.#refreshBehind(minTtl);', ''],
  ),
  guard(
    'the client serves a valid token while no other can be had',
    [suite, 'served on while it lasts'],
    [source, 'if (!left) throw error;', 'throw error;'],
  ),
  guard(
    'the client forgets a token that is refused',
    [suite, 'forgotten once Grantkeeper refuses it'],
    [source, 'error instanceof GrantkeeperError && error.isRefusal', 'false'],
  ),
  guard(
    'the client waits for the Retry-After of a refusal',
    [suite, 'not asked for again before its Retry-After'],
    [source, '    this.#holdOff.check();\n', ''],
  ),
  guard(
    'the client serves a rejected token no more',
    [suite, 'serves that token no more'],
    [
      source,
      "if (typeof token !== 'number') this.#rejected = token.access_token;\n    this.#cached = undefined;",
      '',
    ],
  ),
  guard(
    'the client asks for a token of a short life no more often than it must',
    [suite, 'short life is not asked for at each read'],
    [
      cached,
      'Math.min((minTtl + aheadSeconds) * 1_000, this.#lifeMs / 2)',
      '(minTtl + aheadSeconds) * 1_000',
    ],
    [
      source,
      'if (answer.isAging(minTtl, this.#settings.maxAgeSeconds)) this.#holdOff.lengthen();\n      else ',
      '',
    ],
  ),
  guard(
    'the key of the client follows no redirect',
    [suite, 'a redirect, which is not followed'],
    [http, "redirect: 'manual'", "redirect: 'follow'"],
  ),
  guard(
    'the key is in no error of the client',
    [suite, 'are in no error'],
    [http, "text.replaceAll(key, '[key]')", 'text'],
  ),
  guard(
    'the client keeps tokens of so many connections and no more',
    [suite, 'more connections than maxConnections'],
    ['libs/client/grantkeeper-client.ts', '      this.#sources.delete(oldest);\n', ''],
  ),
  guard(
    'an abort ends the wait of its caller only',
    [suite, 'left alone by an abort signal'],
    ['libs/client/grantkeeper-client.ts', 'return untilAborted(token, options.signal);', 'return token;'],
  ),
];
