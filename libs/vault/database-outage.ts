/** Node's codes for a server that cannot be reached or has gone away. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);

/** A statement fails with ERROR; these end the connection, or refuse it in the first place. */
const connectionIsLost = new Set(['FATAL', 'PANIC']);

/**
 * SQLSTATEs of a server that cannot serve just now: connection exceptions (08), out of resources (53), shut down or
 * starting (57P), a standby that may not write (25006), a system error (58).
 */
const unavailableState = /^(?:08|53|57P|58)...?$|^25006$/;

/**
 * Functions of PostgreSQL that say with 55000, which says many other things too, that the server is in recovery. Told
 * by the function: the message is in the server's language.
 */
const refusedInRecovery = /^pg_(?:current_wal|walfile)_/;

/** TypeORM's words for a session that ended in the middle of a transaction. */
const lostSessions = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);

/** Of `pg-pool`: every connection was in use all the time that a request was ready to wait. */
const poolWait = 'timeout exceeded when trying to connect';

/** Of `pg-pool`: a new connection was not made in time. */
const connectTimeout = 'Connection terminated due to connection timeout';

/** Messages of `pg` that come without any code. */
const lostConnection =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after|Driver not Connected)/i;

/** Whether a request has waited in vain for one of this process's connections, of a database that may be well. */
export function isPoolWait(error: unknown): boolean {
  return error instanceof Error && error.message === poolWait;
}

/** Whether a deadline of this process has passed before anything was sent on a connection. */
export function isNeverConnected(error: unknown): boolean {
  return isPoolWait(error) || (error instanceof Error && error.message === connectTimeout);
}

/** Whether an error means that the database cannot be asked now, and not that the question was wrong. */
export function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseOutage);
  const { code, severity, routine, syscall, driverError } = error as Partial<
    Record<'code' | 'severity' | 'routine' | 'syscall' | 'driverError', unknown>
  >;
  if (lostSessions.has(error.name)) return true;
  if (driverError instanceof Error && driverError !== error) return isDatabaseOutage(driverError);
  // A server that is down has taken its Unix socket with it.
  if (code === 'ENOENT' && syscall === 'connect') return true;
  if (typeof severity === 'string' && connectionIsLost.has(severity)) return true;
  if (typeof code === 'string' && (unreachable.has(code) || unavailableState.test(code))) return true;
  if (code === '55000' && typeof routine === 'string' && refusedInRecovery.test(routine)) return true;
  return lostConnection.test(error.message);
}
