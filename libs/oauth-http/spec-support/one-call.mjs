/**
 * One call in a process of its own, which a test may stop and wake: `node one-call.mjs <url> <timeout ms> <ms the name
 * takes to resolve>`. Says `resolving` when it is about to block on the name, and in the end what came of the call.
 */
import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { GuardedHttpClient } from '#egress';
import { TokenEndpointClient } from '#oauth-http';

const [url = '', timeoutMs, resolveMs] = process.argv.slice(2);
const say = (what) => writeSync(1, `${JSON.stringify(what)}\n`);

const options = {
  upstreamTimeoutMs: Number(timeoutMs),
  providerEndpoints: {},
  egressAllow: ['http://idp.test:*'],
  lookup: (_hostname, options, callback) => {
    say('resolving');
    // Blocks the whole loop: no timer can notice the deadline before the socket is opened.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(resolveMs));
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
