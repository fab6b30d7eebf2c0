import type { Logger } from 'pino';

/** Injection token of the log. It never receives secrets, tokens, bodies or unknown paths. */
export const SANDBOX_LOG = Symbol('SANDBOX_LOG');

export type SandboxLog = Pick<Logger, 'info' | 'error'>;

export const SILENT_LOG: SandboxLog = { info: () => undefined, error: () => undefined };
