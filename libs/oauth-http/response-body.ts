import type { Readable } from 'node:stream';

/** Bytes after decompression; no token response comes near it. */
export const maxBodyBytes = 64 * 1024;

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * Reads a body to its end. Memory is bounded by the cap: the decompressor before it works in blocks of 16 KiB and
 * waits for us, and the stream is destroyed with the first block too many.
 */
export async function readBody(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8').decode(Buffer.concat(chunks));
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
    // What counts was in the head of the answer.
  }
}
