import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { requestIdOf } from '#observability';
import { Problem } from '../problem/problem.js';
import {
  problemBody,
  problemContentType,
  problemDocument,
  problemHeaders,
} from '../problem/problem-document.js';

/** Answers what is no HTTP request that the server could read, in the form of all errors, and ends the connection. */
export function answerClientError(
  { code, rawPacket }: ConnectionError,
  socket: Socket,
  ofEveryAnswer: Readonly<Record<string, string>>,
): void {
  if (code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(code);
  // Its headers could not be read either, so the id is a new one.
  const id = requestIdOf(undefined);
  const body = problemBody(problemDocument(problem, id));
  const headers = {
    ...ofEveryAnswer,
    'x-request-id': id,
    ...problemHeaders(problem),
    'content-type': problemContentType,
    'content-length': String(body.length),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n`);
  socket.end(isHead(rawPacket) ? '' : body);
}

/** An answer to HEAD has no body (RFC 9110 §9.3.2): a client would take it for the beginning of another answer. */
function isHead(packet: unknown): boolean {
  return Buffer.isBuffer(packet) && packet.subarray(0, 5).toString('latin1') === 'HEAD ';
}

function problemOf(code: string): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem('headers_too_large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('request_timeout');
  return new Problem('invalid_request', { detail: 'The request could not be read.' });
}
