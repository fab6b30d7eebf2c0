import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Of an id that a caller may choose: it fits a header, a log line and a shell as it is. */
const safeId = /^[A-Za-z0-9._:+=/-]{1,128}$/;

const current = new AsyncLocalStorage<string>();

/** The id that the caller has sent as `X-Request-Id`, where it is of a safe shape, else a new one. */
export function requestIdOf(sent: unknown): string {
  return typeof sent === 'string' && safeId.test(sent) ? sent : randomUUID();
}

/** Every log line that `work` writes, and what it begins, has this id. */
export function duringRequest<T>(id: string, work: () => T): T {
  return current.run(id, work);
}

/** Of the request that is being answered; undefined for what a process does by itself. */
export function currentRequestId(): string | undefined {
  return current.getStore();
}
