import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SandboxClock } from './sandbox-clock.js';

/** Longer than anybody looks at a consent page. */
const LIFETIME_MS = 600_000;

/** An authorization request that waits for a user. */
export interface Consent {
  readonly id: string;
  readonly provider: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** Put into the callback; absent where the client sent none. */
  readonly state: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly codeLifetimeSeconds: number;
  /** More members of the callback's query, such as `iss` of RFC 9207. */
  readonly callbackExtras: Readonly<Record<string, string>>;
  /** Who is to answer; absent: whoever sits at the page. */
  readonly user: string | undefined;
  /** `ask`: the page, or the persona of `user`. */
  readonly mode: 'ask' | 'approve' | 'deny';
  readonly startedAtMs: number;
  answered: boolean;
}

export type ConsentOrder = Omit<Consent, 'id' | 'startedAtMs' | 'answered'> & { readonly id?: string };

@Injectable()
export class Consents {
  readonly #consents = new Map<string, Consent>();

  constructor(private readonly clock: SandboxClock) {}

  open(order: ConsentOrder): Consent {
    const consent = { id: randomUUID(), ...order, startedAtMs: this.clock.nowMs(), answered: false };
    this.#consents.set(consent.id, consent);
    return consent;
  }

  /** One that is unknown, answered or too old is not found. */
  find(provider: string, id: string): Consent | undefined {
    const consent = this.#consents.get(id);
    if (consent === undefined || consent.provider !== provider || consent.answered) return undefined;
    return this.clock.nowMs() - consent.startedAtMs < LIFETIME_MS ? consent : undefined;
  }

  reset(): void {
    this.#consents.clear();
  }
}
