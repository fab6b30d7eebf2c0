import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** A request that is being answered. */
export interface RequestContext {
  /** As `X-Request-Id` has it. */
  readonly id: string;
  /** Id of the key, or workload, once it is known. */
  caller?: string;
}

/** Of an id that a caller may choose: it fits a header, a log line and a shell as it is. */
const safeId = /^[A-Za-z0-9._:+=/-]{1,128}$/;

const current = new AsyncLocalStorage<RequestContext>();

/** The id that the caller has sent as `X-Request-Id`, where it is of a safe shape, else a new one. */
export function requestIdOf(sent: unknown): string {
  return typeof sent === 'string' && safeId.test(sent) ? sent : randomUUID();
}

/** Every log line that `work` writes, and what it begins, has the id of this request. */
export function duringRequest<T>(request: RequestContext, work: () => T): T {
  return current.run(request, work);
}

/** Undefined for what a process does by itself. */
export function currentRequestId(): string | undefined {
  return current.getStore()?.id;
}

/** For the access log. */
export function noteCaller(id: string): void {
  const request = current.getStore();
  if (request) request.caller = id;
}
