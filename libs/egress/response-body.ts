import type { Readable } from 'node:stream';
import { decodeBody } from './content-encoding.js';

/** Bytes of a body, on the wire and decompressed alike; no token response comes near it. */
export const maxBodyBytes = 64 * 1024;

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

export class MalformedBodyError extends Error {
  override readonly name = 'MalformedBodyError';
}

/** As the answer's headers have them. */
export interface BodyHeaders {
  readonly length: unknown;
  readonly encoding: unknown;
}

/**
 * Reads a body to its end. One that says it is too large is not read at all, and one that turns out to be is dropped
 * with the first block too many: with many of them at once, what waits to be collected counts.
 */
export async function readBody(stream: Readable, { length, encoding }: BodyHeaders): Promise<string> {
  if (Number(length) > maxBodyBytes) {
    stream.on('error', () => undefined).destroy();
    throw new BodyTooLargeError();
  }
  const body = decodeBody(await collect(stream), encoding, maxBodyBytes);
  if (body === 'too_large') throw new BodyTooLargeError();
  if (body === 'malformed') throw new MalformedBodyError();
  return new TextDecoder('utf-8').decode(body);
}

/** By its events: an iterator reads ahead while it waits for its turn. */
function collect(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) stream.destroy(new BodyTooLargeError());
      else chunks.push(chunk);
    });
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
    stream.once('close', () => {
      // An error costs more than all else here: none is made for the close that follows every end.
      if (!stream.readableEnded) reject(new Error('The connection closed in the middle of the body.'));
    });
  });
}

/** Reads a body for nothing, as far as the cap, and never fails: it may break off or drip to the deadline. */
export async function discardBody(stream: Readable): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) return;
    }
  } catch {
    // The head of the answer held all that counts.
  }
}
