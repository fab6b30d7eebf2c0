import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import pg from 'pg';
import { GuardedHttpClient } from '../../dist/libs/egress/index.js';
import { TokenEndpointClient } from '../../dist/libs/oauth-http/index.js';

/**
 * The cost of renewing without any safety: the same HTTP client, 64 at a time, and one UPDATE with the tokens in the
 * clear. No lease, no intent, no journal, no encryption, no isolation.
 */
const [url, endpoint, count, atOnce] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 10 });
const options = { upstreamTimeoutMs: 10_000, providerEndpoints: {}, egressAllow: ['http://127.0.0.1:*'] };
const guarded = new GuardedHttpClient(new HttpService(axios.create()), options);
const client = new TokenEndpointClient(guarded, options);

let next = 0;
async function renewOneAfterTheOther() {
  while (next < Number(count)) {
    next += 1;
    const id = next;
    const answer = await client.post(
      {
        providerId: 'bare',
        url: endpoint,
        form: { grant_type: 'refresh_token', refresh_token: `r${id}`, client_id: 'c', client_secret: 's' },
      },
      { deadlineMonotonicMs: performance.now() + 10_000 },
    );
    const { access_token, refresh_token, expires_in } = JSON.parse(answer.body);
    await pool.query(
      'update bare_tokens set access_token = $2, refresh_token = $3, expires_at = now() + make_interval(secs => $4) where id = $1',
      [id, access_token, refresh_token, expires_in],
    );
  }
}
await Promise.all(Array.from({ length: Number(atOnce) }, renewOneAfterTheOther));
await pool.end();
guarded.onApplicationShutdown();
