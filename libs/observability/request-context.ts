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

/** The last three digits of ids that are made one after the other. */
const endings = Array.from({ length: 4_096 }, (_, number) => number.toString(16).padStart(3, '0'));
let beginning = '';
let made = 0;

/** A UUID; the next ones have its beginning, because the making of random ones is a part of a token read that is felt. */
function newId(): string {
  if (made % endings.length === 0) beginning = randomUUID().slice(0, -3);
  const ending = endings[made % endings.length];
  made += 1;
  return `${beginning}${ending}`;
}

/** The id that the caller has sent as `X-Request-Id`, where it is of a safe shape, else a new one. */
export function requestIdOf(sent: unknown): string {
  return typeof sent === 'string' && safeId.test(sent) ? sent : newId();
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
