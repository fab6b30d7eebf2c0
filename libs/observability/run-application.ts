import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { SETTINGS, type Settings } from '#config';
import { warnOfIgnoredProxy } from './ignored-proxy.js';
import { log } from './log.js';
import { explainStartupFailure } from './startup-failure.js';

/** Time that a drain may take beyond the deadline of one provider call, milliseconds. */
const drainMarginMs = 1_500;

/**
 * The life of one process: starts, and on the first SIGTERM, Ctrl-C or lost parent finishes what is in flight and
 * exits with 0. Signals that follow change nothing. A start that fails says why in one line (on stderr, or
 * in the log with a stack where only a developer can help), and exits with 1.
 */
export async function runApplication(start: () => Promise<INestApplicationContext>): Promise<void> {
  warnOfIgnoredProxy();
  const starting = start();
  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    starting.then(drain).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, () => stop(event));
  try {
    await starting;
  } catch (error) {
    const explanation = explainStartupFailure(error);
    if (explanation === undefined) log.fatal({ err: error }, 'the application could not start');
    else process.stderr.write(`${explanation}\n`);
    process.exit(1);
  }
}

/**
 * A client that never finishes its request must not keep the process: after the margin the rest is cut off. The margin
 * begins when the deadline is noticed, so that what a pause of the machine has delayed is still written down.
 */
async function drain(app: INestApplicationContext): Promise<void> {
  const { upstreamTimeoutMs } = app.get<Settings>(SETTINGS, { strict: false });
  const cutOff = sleep(upstreamTimeoutMs).then(() => sleep(drainMarginMs));
  await Promise.race([app.close(), cutOff]);
}
