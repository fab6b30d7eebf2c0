/**
 * One call in a process of its own, which a test may stop and wake: `node one-call.mjs <url> <timeout ms> [held]`. Says
 * `resolving` when it asks for the name, which `held` lets come only with a byte on stdin, and in the end what came of
 * the call.
 */
import 'reflect-metadata';
import { readSync, writeSync } from 'node:fs';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { GuardedHttpClient } from '#egress';
import { TokenEndpointClient } from '#oauth-http';

const [url = '', timeoutMs, held] = process.argv.slice(2);
const say = (what) => writeSync(1, `${JSON.stringify(what)}\n`);

const options = {
  upstreamTimeoutMs: Number(timeoutMs),
  providerEndpoints: {},
  egressAllow: ['http://idp.test:*'],
  lookup: (_hostname, options, callback) => {
    say('resolving');
    // Blocks the whole loop: no timer can notice the deadline before the socket is opened.
    if (held) readSync(0, Buffer.alloc(1));
    if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  },
};
const guarded = new GuardedHttpClient(new HttpService(axios.create()), options);
const client = new TokenEndpointClient(guarded, options);

const call = { deadlineMonotonicMs: performance.now() + Number(timeoutMs) };
try {
  const response = await client.post({ providerId: 'p', url, form: { refresh_token: 'r' } }, call);
  say({ status: response.status, body: response.body });
} catch ({ code, requestSent }) {
  say({ code, requestSent });
} finally {
  guarded.onApplicationShutdown();
}
