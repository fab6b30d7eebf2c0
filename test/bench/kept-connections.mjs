import { connect } from 'node:net';

const headEnd = '\r\n\r\n';
/** As many as a server's queue of new connections takes with certainty. */
const openedAtOnce = 100;

/**
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body?: string }} Request
 * @typedef {{ answered: number, failures: number, firstFailure?: string, latenciesMs: number[] }} Slice
 * @typedef {(answered: number, nowMs: number) => number | undefined} Pace when to send next, `performance.now()`; undefined: no more
 */

/**
 * Connections that stay open from one slice of load to the next, so that a slice measures answers alone. Each sends its
 * requests over and over, the next once the last is answered.
 *
 * @param {URL} url
 * @param {readonly Request[]} requests dealt out in turn; with more than connections, each has several that it sends in turn
 * @param {number} count
 */
export async function keptConnections(url, requests, count) {
  const connections = [];
  while (connections.length < count) {
    const some = Array.from({ length: Math.min(openedAtOnce, count - connections.length) }, (_, at) => {
      const n = connections.length + at;
      const own = [];
      for (let next = n % requests.length; next < requests.length; next += count) own.push(requests[next]);
      return open(
        url,
        own.map((request) => bytesOf(request, url.host)),
      );
    });
    connections.push(...(await Promise.all(some)));
  }
  const run = async (paceOf) => {
    const slice = { answered: 0, failures: 0, latenciesMs: [] };
    await Promise.all(connections.map((connection, n) => connection.run(slice, paceOf(n, connection.own))));
    return slice;
  };
  return {
    /** @param {number} untilMs of `performance.now()` @returns {Promise<Slice>} */
    load: (untilMs) => run(() => (answered, nowMs) => (answered > 0 && nowMs > untilMs ? undefined : nowMs)),
    /** Each request once. @returns {Promise<Slice>} */
    each: () => run((_n, own) => (answered, nowMs) => (answered < own ? nowMs : undefined)),
    /**
     * So many a second of all together, whatever the answers take: one that is late delays the next, whose latency counts
     * from when it should have been sent.
     *
     * @param {number} perSecond @param {number} untilMs @returns {Promise<Slice>}
     */
    steady: (perSecond, untilMs) => {
      const startMs = performance.now();
      const everyMs = (count * 1_000) / perSecond;
      return run((n) => (answered) => {
        const dueMs = startMs + (answered + n / count) * everyMs;
        return dueMs > untilMs ? undefined : dueMs;
      });
    },
    close: () => {
      for (const { close } of connections) close();
    },
  };
}

/** @param {URL} url @param {readonly Buffer[]} requests */
async function open(url, requests) {
  const socket = connect(Number(url.port), url.hostname).setNoDelay();
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = '';
  let next = 0;
  const send = () => socket.write(requests[next++ % requests.length] ?? '');
  /** @type {((text: string) => void) | undefined} */
  let answered;
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
    const end = received.indexOf(headEnd);
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1] ?? '0';
    if (received.length < end + headEnd.length + Number(length)) return;
    const whole = received;
    received = '';
    answered?.(whole);
  });
  return {
    own: requests.length,
    /** @param {Slice} slice @param {Pace} pace @returns {Promise<void>} */
    run: (slice, pace) =>
      new Promise((resolve, reject) => {
        const lost = () => reject(new Error('The server has closed a connection.'));
        socket.once('close', lost);
        let answers = 0;
        let sentAtMs = 0;
        const go = (nowMs) => {
          const dueMs = pace(answers, nowMs);
          if (dueMs === undefined) {
            socket.removeListener('close', lost);
            resolve();
          } else if (dueMs <= nowMs) {
            sentAtMs = dueMs;
            send();
          } else
            setTimeout(() => {
              sentAtMs = performance.now();
              send();
            }, dueMs - nowMs);
        };
        answered = (text) => {
          const nowMs = performance.now();
          answers += 1;
          slice.answered += 1;
          slice.latenciesMs.push(nowMs - sentAtMs);
          if (!text.startsWith('HTTP/1.1 200 ')) {
            slice.failures += 1;
            slice.firstFailure ??= text;
          }
          go(nowMs);
        };
        go(performance.now());
      }),
    close: () => socket.destroy(),
  };
}

/** @param {Request} request @param {string} host */
function bytesOf(request, host) {
  const { method, path, headers, body = '' } = request;
  const lines = Object.entries({
    host,
    ...headers,
    ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
