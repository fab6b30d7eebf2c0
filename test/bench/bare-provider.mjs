import { createServer } from 'node:http';

/**
 * A token endpoint that checks nothing: each answer rotates the refresh token. Tells its parent when it first and
 * last was asked, and how often.
 */
let delayMs = 0;
let expiresIn = 86_400;
let asked = 0;
let firstMs = 0;
let lastMs = 0;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    lastMs = performance.now();
    if (asked === 0) firstMs = lastMs;
    asked += 1;
    const body = JSON.stringify({
      access_token: `access-${asked}-${'x'.repeat(400)}`,
      token_type: 'Bearer',
      expires_in: expiresIn,
      refresh_token: `refresh-${asked}-${'x'.repeat(80)}`,
    });
    const answer = () => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    };
    if (delayMs > 0) setTimeout(answer, delayMs);
    else answer();
  });
}).listen(0, '127.0.0.1', 4_096, () => process.send?.({ port: server.address().port }));

process.on('message', (message) => {
  if (message === 'count') process.send?.({ asked, seconds: (lastMs - firstMs) / 1_000 });
  if (message.delayMs !== undefined) {
    asked = 0;
    ({ delayMs, expiresIn } = message);
    process.send?.({ asked });
  }
});
process.on('disconnect', () => process.exit(0));
