import type { Client } from './http.js';

/** Holds back the sandbox's next answer as the Vonage Contact Center; the token in it exists from the start. */
export async function delayNextAnswer(sandbox: Client, delayMs: number): Promise<void> {
  await sandbox('POST', '/_control/rules', {
    match: { provider: 'vonage-contact-center' },
    times: 1,
    respond_delay_ms: delayMs,
  });
}
