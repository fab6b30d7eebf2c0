import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../support/http.js';
import type { PostgresProxy, Treatment } from './postgres-proxy.js';

export interface Stage {
  readonly proxy: PostgresProxy;
  readonly sandbox: Client;
  /** Renewals that will come to the point. */
  readonly renewals: number;
  /** Of the process that is about to die. */
  readonly pid: number;
}

export interface KillPoint {
  readonly name: PointName;
  /** Whether the provider has rotated and nothing of ours knows yet: there a strict one loses the grant. */
  readonly losesStrict: boolean;
  /** Whether the journal is the only one that knows. */
  readonly onlyJournalKnows: boolean;
  /** Prepares the point; `reached` resolves once every renewal is there. */
  arrange(stage: Stage): Promise<{ readonly reached: Promise<void> }>;
}

export type PointName =
  | 'claimed'
  | 'intent'
  | 'bytes sent'
  | 'provider committed'
  | 'headers'
  | 'body'
  | 'journaled'
  | 'update sent'
  | 'committed'
  | 'outbox';

/** In the order in which a renewal passes them. */
export const killPoints: readonly KillPoint[] = [
  point('claimed', atStatement('gk.claim_connection', 'withhold')),
  point('intent', atStatement('gk.load_claims', 'hold')),
  // The provider has the request and never gets to process it.
  point('bytes sent', atProvider('arrived', { delay_ms: 400, drop: 'before' })),
  point('provider committed', atProvider('requests', { respond_delay_ms: 450 }), { losesStrict: true }),
  // Status, headers and the first bytes are out.
  point('headers', atProvider('requests', { drip_ms: 150 }, 60), { losesStrict: true }),
  // The whole answer lies in the socket of a process that does not run any more.
  point('body', atProvider('requests', { respond_delay_ms: 200 }, 0, freezeFor(500)), { losesStrict: true }),
  point('journaled', atStatement('gk.commit_renewals', 'hold'), { onlyJournalKnows: true }),
  point('update sent', atStatement('gk.commit_renewals', 'pass')),
  point('committed', atStatement('gk.commit_renewals', 'withhold')),
  point('outbox', atProvider('requests', {}, 150)),
];

function point(
  name: PointName,
  arrange: KillPoint['arrange'],
  { losesStrict = false, onlyJournalKnows = false } = {},
): KillPoint {
  return { name, arrange, losesStrict, onlyJournalKnows };
}

/** Every renewal has sent the statement, and it is treated so. */
function atStatement(text: string, treatment: Treatment): KillPoint['arrange'] {
  return async ({ proxy, renewals }) => {
    let count = 0;
    let resolveReached: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      resolveReached = resolve;
    });
    proxy.treat(text, treatment, () => {
      count += 1;
      if (count === renewals) resolveReached();
    });
    return { reached };
  };
}

/** The provider has got so far with all requests, and then some time has passed. */
function atProvider(
  stage: 'arrived' | 'requests',
  rule: object,
  thenMs = 0,
  then: (stage: Stage) => Promise<void> = async () => undefined,
): KillPoint['arrange'] {
  return async (context) => {
    const { sandbox, renewals } = context;
    const match = { provider: 'generic-oauth2', grant_type: 'refresh_token' };
    if (Object.keys(rule).length > 0) {
      await sandbox('POST', '/_control/rules', { match, times: renewals, ...rule });
    }
    const before = await counted(sandbox, stage);
    return {
      reached: (async () => {
        while ((await counted(sandbox, stage)) < before + renewals) await sleep(5);
        await sleep(thenMs);
        await then(context);
      })(),
    };
  };
}

function freezeFor(ms: number) {
  return async ({ pid }: Stage): Promise<void> => {
    process.kill(pid, 'SIGSTOP');
    await sleep(ms);
  };
}

async function counted(sandbox: Client, stage: 'arrived' | 'requests'): Promise<number> {
  const { json } = await sandbox('GET', '/_control/counts?provider=generic-oauth2');
  return json.total[stage];
}
