import { eventually } from '#testing';
import type { Client } from './http.js';

/** Holds back the sandbox's next answers as the Vonage Contact Center; the tokens in them exist from the start. */
export async function delayNextAnswers(sandbox: Client, delayMs: number, times = 1): Promise<void> {
  await sandbox('POST', '/_control/rules', {
    match: { provider: 'vonage-contact-center' },
    times,
    respond_delay_ms: delayMs,
  });
}

/** Resolves once the sandbox is about to answer so many requests. */
export async function underWay(sandbox: Client, count = 1): Promise<void> {
  await eventually(async () => {
    const { json } = await sandbox('GET', '/_control/requests?limit=100');
    const open = json.items.filter(({ outcome }: { outcome: string }) => outcome === 'in_flight');
    if (open.length < count) throw new Error(`${open.length} of ${count} requests have come.`);
  }, 20_000);
}
