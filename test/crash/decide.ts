import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../support/http.js';
import { scaled } from '../support/scale.js';
import { type RotatingConnection, refreshTokens } from './rotating-grants.js';

/** Between two renewals: connections of a killed process wait for seconds, all at once. */
const pauseMs = scaled(1_000, 200);

/** The end of a connection as seen from outside. */
export interface Outcome {
  readonly mode: string;
  readonly status: string;
  readonly generation: number;
  /** How often the provider has seen the refresh token it has seen most. */
  readonly presented: number;
}

/** Asks for a renewal until one has worked, or the grant is known to be lost, or the time is over. */
export async function renewUntilDecided(
  admin: Client,
  { path }: RotatingConnection,
  withinMs: number,
): Promise<void> {
  for (const endsAtMs = performance.now() + withinMs; performance.now() < endsAtMs; await sleep(pauseMs)) {
    const { status, json } = await admin('POST', `${path}/renew`);
    if (status === 200 || json?.code === 'reauthorization_required') return;
  }
}

export async function outcomeOf(
  admin: Client,
  sandbox: Client,
  connection: RotatingConnection,
): Promise<Outcome> {
  const { status, generation } = (await admin('GET', connection.path)).json;
  const tokens = await refreshTokens(sandbox, connection);
  const presented = Math.max(...tokens.map((token) => token.presented));
  return { mode: connection.mode, status, generation, presented };
}
