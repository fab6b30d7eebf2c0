import { pino } from 'pino';
import { type RunningSandbox, startSandbox } from './sandbox.js';
import { readSettings } from './sandbox.settings.js';

/** A little more than the default deadline of a provider call, so that a stop cuts no answer short. */
const DRAIN_TIMEOUT_MS = 11_000;

const log = pino({ base: { app: 'sandbox' }, timestamp: pino.stdTimeFunctions.isoTime });

try {
  const starting = startSandbox({ ...readSettings(process.env), log });
  stopWhenTold(starting);
  log.info({ origin: (await starting).origin }, 'ready');
} catch (error) {
  log.fatal(explain(error));
  process.exit(1);
}

/** Stops on a signal, and when the process that started this one with an IPC channel is gone. */
function stopWhenTold(starting: Promise<RunningSandbox>): void {
  let stopping = false;
  const stop = async (reason: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    const sandbox = await starting;
    await sandbox.close({ drainTimeoutMs: DRAIN_TIMEOUT_MS });
    process.exit(0);
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
    process.on(event, () => void stop(event));
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'the sandbox could not start';
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `${error.message}: set SANDBOX_PORT to a free port`;
  return `the sandbox could not start: ${error.message}`;
}
