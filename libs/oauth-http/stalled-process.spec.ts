import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Loopback, Stopwatch, serveRaw } from '#testing';

const timeoutMs = 2_500;
/** Well past the deadline, whenever in the call the process was stopped. */
const frozenMs = timeoutMs + 500;

const body = JSON.stringify({ access_token: 'a', refresh_token: 'only-copy' });
const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('a process that was frozen past the deadline', () => {
  const open: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  /** A provider that tells when the whole request has come, and the process that calls it. */
  async function begin(...held: 'held'[]) {
    const { promise: requested, resolve: onRequest } = Promise.withResolvers<Socket>();
    const server: Loopback = await serveRaw((socket) => {
      let seen = '';
      socket.on('data', (chunk) => {
        seen += chunk;
        if (seen.endsWith('refresh_token=r')) onRequest(socket);
      });
    });
    const child: ChildProcess = spawn(
      process.execPath,
      [
        join(import.meta.dirname, 'spec-support/one-call.mjs'),
        `http://idp.test:${server.port}/`,
        String(timeoutMs),
        ...held,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    open.push(
      () => child.kill('SIGKILL'),
      () => server.close(),
    );
    if (!child.stdout) throw new Error('no stdout');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const said = async () => JSON.parse(String((await lines.next()).value)) as unknown;
    expect(await said()).toBe('resolving');
    return { server, child, requested, said };
  }

  async function freeze(child: ChildProcess, meanwhile: () => void = () => undefined) {
    child.kill('SIGSTOP');
    await sleep(50);
    meanwhile();
    await sleep(frozenMs);
    child.kill('SIGCONT');
  }

  it('still reads the answer that came meanwhile', async () => {
    const { child, requested, said } = await begin();
    const socket = await requested;
    const result = said();
    await freeze(child, () => socket.write(answer));
    expect(await result).toEqual({ status: 200, body });
  });

  it('reads it also when it is large enough to come in pieces', async () => {
    const { child, requested, said } = await begin();
    const socket = await requested;
    const result = said();
    const large = JSON.stringify({ access_token: 'a'.repeat(60_000) });
    await freeze(child, () =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${large.length}\r\n\r\n${large}`),
    );
    const read = (await result) as { status?: number; body?: string };
    expect([read.status, read.body?.length]).toEqual([200, large.length]);
  });

  it('waits no longer than a moment for one that has not come', async () => {
    const { child, requested, said } = await begin();
    await requested;
    const result = said();
    await freeze(child);
    using watch = new Stopwatch();
    expect(await result).toEqual({ code: 'upstream_timeout', requestSent: true });
    expect(watch.elapsedMs()).toBeLessThan(1_000);
  });

  it('sends nothing that it had not sent before', async () => {
    const { server, child, said } = await begin('held');
    const result = said();
    await freeze(child, () => child.stdin?.write('\n'));
    expect(await result).toEqual({ code: 'upstream_timeout', requestSent: false });
    await sleep(100);
    expect(server.wire()).toBe('');
  });
});
