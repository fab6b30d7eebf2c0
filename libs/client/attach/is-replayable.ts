const replayableKinds = ['ArrayBuffer', 'SharedArrayBuffer', 'Blob', 'File', 'FormData', 'URLSearchParams'];

/** Whether a request body can be sent a second time. A stream or an iterator cannot. */
export function isReplayable(body: unknown): boolean {
  if (body === undefined || body === null || typeof body === 'string' || ArrayBuffer.isView(body))
    return true;
  if (typeof (body as { pipe?: unknown }).pipe === 'function') return false;
  // By their tags: HTTP clients bring classes of their own.
  return replayableKinds.includes(Object.prototype.toString.call(body).slice(8, -1));
}
