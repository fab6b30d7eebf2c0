import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { eventually, listen } from '#testing';
import { writeHeadOf200 } from './written-head.js';

const headers = ['cache-control', 'no-store', 'content-type', 'application/json; charset=utf-8'];
const text = '{"access_token":"t"}';
const known = { requestId: 'an-id', bytes: text.length, nowMs: performance.now() };

/** All bytes that come for these. */
async function answerTo(sent: string, listener: RequestListener, limits = {}): Promise<string> {
  const server = await listen(Object.assign(createServer(listener), limits));
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.write(sent);
  const answers = sent.split('GET ').length - 1;
  await eventually(() => expect(received.split(text)).toHaveLength(answers + 1));
  socket.destroy();
  await server.close();
  return received.replaceAll(/Date: .*/g, (line) => {
    expect(Math.abs(Date.parse(line.slice(6)) - Date.now())).toBeLessThan(3_000);
    return 'Date';
  });
}

const byHand: RequestListener = (_request, response) => {
  const own = [...headers, 'x-request-id', known.requestId, 'content-length', String(known.bytes)];
  response.writeHead(200, own).end(text, 'latin1');
};
const written: RequestListener = (_request, response) => {
  writeHeadOf200(response, headers, known);
  response.end(text, 'latin1');
};

it.each([
  ['a connection that stays', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', {}],
  [
    'two requests that were sent at once',
    'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n',
    {},
  ],
  ['a connection that the client closes', 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', {}],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', {}],
  ['HTTP/1.0 on a connection that stays', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', {}],
  ['a server that keeps no connection', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', { keepAliveTimeout: 0 }],
  ['the last request of a connection', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', { maxRequestsPerSocket: 1 }],
  ['a connection of some requests', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', { maxRequestsPerSocket: 5 }],
])('answers in the bytes of Node: %s', async (_, sent, limits) => {
  const answer = await answerTo(sent, written, limits);
  expect(answer).toBe(await answerTo(sent, byHand, limits));
  expect(answer).toContain('cache-control: no-store\r\n');
});

it('lets Node write where the head cannot be set', async () => {
  const sealed: RequestListener = (request, response) => {
    const hidden = { get: () => null, set: () => undefined, configurable: true };
    Object.defineProperty(response, '_header', hidden);
    const writeHead = response.writeHead.bind(response);
    response.writeHead = ((...asked: Parameters<typeof writeHead>) => {
      Object.defineProperty(response, '_header', { value: null, writable: true });
      return writeHead(...asked);
    }) as typeof response.writeHead;
    written(request, response);
  };
  const sent = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
  expect(await answerTo(sent, sealed)).toBe(await answerTo(sent, byHand));
});

it.each([
  ['a value', ['x-a', 'b\r\nx-c: d']],
  ['a name', ['x-a: b\r\nx-c', 'd']],
])('refuses %s that would be another header', async (_, own) => {
  let refusal: unknown;
  const listener: RequestListener = (_request, response) => {
    try {
      writeHeadOf200(response, own, known);
    } catch (error) {
      refusal = error;
    }
    byHand(_request, response);
  };
  const answer = await answerTo('GET / HTTP/1.1\r\nHost: h\r\n\r\n', listener);
  expect(refusal).toBeInstanceOf(TypeError);
  expect(answer).not.toContain('x-c');
});
