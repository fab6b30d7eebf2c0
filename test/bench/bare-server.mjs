import { createServer } from 'node:http';

/**
 * The ceiling: a server that only writes a token-sized answer. The parent says how long the answer is, and whether it
 * is kept as a string or as a Buffer.
 */
const text = JSON.stringify({ access_token: 'x'.repeat(Number(process.argv[2]) - 19) });
const body = process.argv[3] === 'string' ? text : Buffer.from(text);

const server = createServer((_request, response) => {
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', 4_096, () => process.send?.({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
