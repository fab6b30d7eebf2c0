import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#testing';
import type { Client } from '../support/http.js';
import type { PointName } from './kill-points.js';
import type { PostgresValve, Standstill } from './postgres-valve.js';

/** One renewal, of a connection whose OAuth client nobody else uses. */
export interface FreezeStage {
  readonly valve: PostgresValve;
  readonly sandbox: Client;
  readonly clientId: string;
  readonly connectionUuid: string;
}

export interface FreezePoint {
  readonly name: PointName;
  /** Whether the provider has rotated, or is about to, and only the frozen process or its socket will know. */
  readonly onlyFrozenKnows: boolean;
  /** Prepares the point. @returns a function that resolves once the renewal is there */
  arrange(stage: FreezeStage): Promise<() => Promise<void>>;
}

/**
 * Where one process can be with several renewals at the same time, in the order in which they are brought there: first
 * those that stand still by themselves, last what does not. Data on its way to a frozen process waits in its sockets.
 *
 * @param providerTakesMs the deadline of a call must be longer
 * @param lostRequest whether the provider never gets to process the request it has, instead of taking its time
 */
export const freezePoints = (providerTakesMs: number, lostRequest = false): readonly FreezePoint[] => [
  { name: 'claimed', onlyFrozenKnows: false, arrange: atStatement('gk.claim_connection', 'behind') },
  { name: 'intent', onlyFrozenKnows: false, arrange: atStatement('gk.load_claims', 'before') },
  { name: 'journaled', onlyFrozenKnows: true, arrange: atStatement('gk.commit_renewals', 'before') },
  { name: 'committed', onlyFrozenKnows: false, arrange: atStatement('gk.commit_renewals', 'behind') },
  {
    name: 'bytes sent',
    onlyFrozenKnows: !lostRequest,
    arrange: atProvider('arrived', {
      delay_ms: providerTakesMs,
      ...(lostRequest && { drop: 'before' }),
    }),
  },
  {
    name: 'provider committed',
    onlyFrozenKnows: true,
    arrange: atProvider('requests', { respond_delay_ms: providerTakesMs }),
  },
  { name: 'headers', onlyFrozenKnows: true, arrange: atProvider('requests', { drip_ms: 120 }) },
  {
    name: 'body',
    onlyFrozenKnows: true,
    arrange: atProvider('requests', { respond_delay_ms: providerTakesMs / 2 }),
  },
  { name: 'outbox', onlyFrozenKnows: false, arrange: atStatement('gk.commit_renewals', 'nowhere', 100) },
  { name: 'update sent', onlyFrozenKnows: false, arrange: atStatement('gk.commit_renewals', 'nowhere') },
];

function atStatement(text: string, where: Standstill, thenMs?: number): FreezePoint['arrange'] {
  return async ({ valve, connectionUuid }) => {
    const seen = valve.shut([text, connectionUuid], where);
    return async () => {
      await seen;
      if (thenMs !== undefined) await sleep(thenMs);
    };
  };
}

/** The provider has got so far with the request. */
function atProvider(stage: 'arrived' | 'requests', rule: object): FreezePoint['arrange'] {
  return async ({ sandbox, clientId }) => {
    const match = { provider: 'generic-oauth2', client_id: clientId, grant_type: 'refresh_token' };
    await sandbox('POST', '/_control/rules', { match, ...rule });
    const counted = async () => {
      const { json } = await sandbox('GET', `/_control/counts?client_id=${clientId}`);
      return json.total[stage] as number;
    };
    const before = await counted();
    return () =>
      eventually(async () => {
        if ((await counted()) === before) throw new Error('The request has not come yet.');
      }, 10_000);
  };
}
