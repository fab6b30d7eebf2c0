import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from '../contract/running-api.js';
import { freePort } from '../support/free-port.js';
import { type Client, clientOf } from '../support/http.js';

const nginx = process.env['NGINX'] ?? '/usr/sbin/nginx';
const isInstalled = existsSync(nginx);
if (!isInstalled) process.stdout.write(`skipped: ${nginx} is not installed\n`);
const suite = isInstalled ? describe : describe.skip;

/** The recipe of docs/forward-auth.md, for servers of this test. */
function recipe(upstream: string, origin: string, key: string): string {
  const page = readFileSync(join(process.cwd(), 'docs/forward-auth.md'), 'utf8');
  const block = /```nginx\n([\s\S]*?)```/.exec(page)?.[1];
  if (block === undefined) throw new Error('docs/forward-auth.md has no recipe for nginx.');
  return block
    .replaceAll('https://api.example.com', upstream)
    .replaceAll('http://grantkeeper:3000', origin)
    .replaceAll('gk_r_…', key);
}

suite('nginx, as docs/forward-auth.md sets it up', () => {
  const received: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  let refused: string | undefined;
  const upstream = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { url = '', headers } = request;
    received.push({ url, headers, body });
    const isGood = headers.authorization !== undefined && headers.authorization !== refused;
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'text/plain' }).end(isGood ? 'done' : 'no');
  });
  let api: RunningApi;
  let acme: RunningTenant;
  let directory: string;
  let server: ChildProcess;
  let application: Client;

  beforeAll(async () => {
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    api = await runApi();
    acme = await api.tenant('acme');
    await acme.connect('main');
    const key = { name: 'proxy', role: 'token_reader', connections: ['main'] };
    const made = await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/api_keys`, key));
    directory = mkdtempSync(join(tmpdir(), 'gk-nginx-'));
    const port = await freePort();
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${directory}/${name};`,
    );
    const { port: upstreamPort } = upstream.address() as AddressInfo;
    const locations = recipe(`http://127.0.0.1:${upstreamPort}`, api.origin, made.json.key);
    writeFileSync(
      join(directory, 'nginx.conf'),
      `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
       events {}
       http { access_log off; ${paths.join(' ')}
         server { listen 127.0.0.1:${port}; ${locations} } }`,
    );
    server = spawn(nginx, [
      '-p',
      directory,
      '-c',
      join(directory, 'nginx.conf'),
      '-e',
      join(directory, 'log'),
    ]);
    application = clientOf(`http://127.0.0.1:${port}`);
    await eventually(() => application('GET', '/nothing'), 10_000);
  }, 60_000);
  afterAll(async () => {
    if (server.exitCode === null) {
      server.kill();
      await once(server, 'exit');
    }
    upstream.close();
    await api.close();
    rmSync(directory, { recursive: true });
  });

  const allow = (upstream_hosts: string[] | null) =>
    expectStatus(
      200,
      acme.tenantAdmin('PATCH', `${acme.path}/credentials/client`, { settings: { upstream_hosts } }),
    );
  const authorization = async () => {
    const { json } = await acme.reader('GET', `${acme.path}/connections/main/token`);
    return `${json.token_type} ${json.access_token}`;
  };

  it('sends nothing on to a host that is not listed', async () => {
    expect((await application('GET', '/provider/v2/calls')).status).toBe(403);
    await allow(['elsewhere.example.com']);
    expect((await application('GET', '/provider/v2/calls')).status).toBe(403);
    expect(received).toEqual([]);
  });

  it('writes the token onto the request, and the application never sees it', async () => {
    await allow(['api.example.com']);
    await eventually(async () =>
      expect((await application('POST', '/provider/v2/calls?a=b', { to: '1' })).status).toBe(200),
    );
    const expected = await authorization();
    const answer = await application('POST', '/provider/v2/calls?a=b', { to: '1' });
    expect(answer).toMatchObject({ status: 200, text: 'done' });
    expect(JSON.stringify([...answer.headers])).not.toContain(expected.split(' ')[1]);
    expect(received.at(-1)).toMatchObject({
      url: '/v2/calls?a=b',
      headers: { authorization: expected, host: 'api.example.com' },
      body: '{"to":"1"}',
    });
  });

  it('reports a token that the provider refuses, and sends the request again with the next one', async () => {
    refused = await authorization();
    expect(await application('POST', '/provider/v2/calls', { to: '2' })).toMatchObject({
      status: 200,
      text: 'done',
    });
    const [before, after] = received.slice(-2);
    expect(before?.headers.authorization).toBe(refused);
    expect(after).toMatchObject({ url: '/v2/calls', headers: { authorization: await authorization() } });
    expect(after?.body).toBe('{"to":"2"}');
    // Refused again at once, it is not reported again: the application is told.
    refused = await authorization();
    expect((await application('GET', '/provider/v2/calls')).status).toBe(401);
  });
});
