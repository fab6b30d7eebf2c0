import { connect } from 'node:net';

const headEnd = '\r\n\r\n';

/**
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body?: string }} Request
 * @typedef {{ answered: number, failures: number, latenciesMs: number[] }} Slice
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
  const connections = await Promise.all(
    Array.from({ length: count }, (_, n) => {
      const own = requests.filter((_request, at) => at % count === n % requests.length);
      return open(
        url,
        own.map((request) => bytesOf(request, url.host)),
      );
    }),
  );
  return {
    /** @param {number} untilMs of `performance.now()` @returns {Promise<Slice>} */
    load: async (untilMs) => {
      const slice = { answered: 0, failures: 0, latenciesMs: [] };
      await Promise.all(connections.map((connection) => connection.load(untilMs, slice)));
      return slice;
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
    /** @param {number} untilMs @param {Slice} slice @returns {Promise<void>} */
    load: (untilMs, slice) =>
      new Promise((resolve, reject) => {
        socket.once('close', reject);
        let sentAtMs = performance.now();
        answered = (text) => {
          const nowMs = performance.now();
          slice.answered += 1;
          slice.latenciesMs.push(nowMs - sentAtMs);
          if (!text.startsWith('HTTP/1.1 200 ')) slice.failures += 1;
          if (nowMs > untilMs) {
            socket.removeListener('close', reject);
            resolve();
            return;
          }
          sentAtMs = nowMs;
          send();
        };
        send();
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
