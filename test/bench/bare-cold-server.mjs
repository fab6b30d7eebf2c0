import { createServer } from 'node:http';
import pg from 'pg';

/** Reads a token as a service written by hand would: two plain statements, with the token in the clear. */
const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });

const server = createServer(async (request, response) => {
  const name = request.url?.slice(1);
  const key = await pool.query('select id, role from bare_keys where hash = $1', [name]);
  const token = await pool.query('select access_token, expires_at from bare_tokens where name = $1', [name]);
  const body = JSON.stringify({ ...token.rows[0], role: key.rows[0].role });
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', 4_096, () => process.send?.({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
