import { brotliDecompressSync, constants, unzipSync } from 'node:zlib';

/**
 * Undoes a compression that was not asked for (RFC 9110 §8.4.1). In one go: an output of 64 KiB takes well under a
 * millisecond, and no more than `maxBytes` is ever unpacked. An encoding nobody knows is left to the reader, to whom
 * it is malformed.
 */
export function decodeBody(
  body: Buffer,
  encoding: unknown,
  maxBytes: number,
): Buffer | 'too_large' | 'malformed' {
  const decode = decoders[String(encoding ?? 'identity').toLowerCase()];
  if (!decode || body.length === 0) return body;
  try {
    return decode(body, maxBytes);
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'malformed';
  }
}

const decoders: Readonly<Record<string, (body: Buffer, maxOutputLength: number) => Buffer>> = {
  gzip: unzip,
  'x-gzip': unzip,
  deflate: unzip,
  br: (body, maxOutputLength) => brotliDecompressSync(body, { maxOutputLength }),
};

/** Some servers leave the checksum at the end out: what could be unpacked counts. */
function unzip(body: Buffer, maxOutputLength: number): Buffer {
  return unzipSync(body, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
}
