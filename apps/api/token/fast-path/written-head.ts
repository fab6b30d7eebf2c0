import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';

/** Members of Node's responses that its documentation does not have. */
interface NodeResponse {
  /** The head as it is sent, once it is written. */
  _header: string | null;
  /** Milliseconds. */
  readonly _keepAliveTimeout?: number;
  readonly _maxRequestsPerSocket?: number;
}

/** The line of this second. */
const date = { line: '', untilMs: Number.NEGATIVE_INFINITY };
const lines = new WeakMap<readonly string[], string>();

/**
 * Writes the head of an answer with status 200, in the bytes of `writeHead`. Node checks the name and the value of each
 * header of each answer anew, which is a good part of what a read from memory costs. Here headers that stay the
 * same array are checked once. Where Node would not send this head as it is, or a later Node does not let it be set,
 * `writeHead` writes it.
 *
 * @param headers name and value in turns, `content-length` and `x-request-id` not among them
 * @param requestId characters that a header may have
 * @param nowMs on the monotonic clock
 */
export function writeHeadOf200(
  response: ServerResponse,
  headers: readonly string[],
  { requestId, bytes, nowMs }: { requestId: string; bytes: number; nowMs: number },
): void {
  const node = response as unknown as NodeResponse;
  const { _keepAliveTimeout: keepAliveMs, _maxRequestsPerSocket: mostRequests } = node;
  if (response.shouldKeepAlive && keepAliveMs && !mostRequests) {
    const seconds = Math.floor(keepAliveMs / 1_000);
    node._header =
      `HTTP/1.1 200 OK\r\n${linesOf(headers)}x-request-id: ${requestId}\r\ncontent-length: ${bytes}\r\n` +
      `${dateLine(nowMs)}Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`;
    if (response.headersSent) return;
  }
  response.writeHead(200, [...headers, 'x-request-id', requestId, 'content-length', String(bytes)]);
}

/** @throws TypeError for a name or a value that a header must not have */
function linesOf(headers: readonly string[]): string {
  const known = lines.get(headers);
  if (known !== undefined) return known;
  let made = '';
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]];
    validateHeaderName(name);
    validateHeaderValue(name, value);
    made += `${name}: ${value}\r\n`;
  }
  lines.set(headers, made);
  return made;
}

function dateLine(nowMs: number): string {
  if (nowMs >= date.untilMs) {
    const now = new Date();
    date.line = `Date: ${now.toUTCString()}\r\n`;
    date.untilMs = nowMs + 1_000 - now.getMilliseconds();
  }
  return date.line;
}
