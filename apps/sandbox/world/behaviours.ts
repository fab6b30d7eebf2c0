import { Injectable } from '@nestjs/common';
import type { Json } from '../json.js';

/** How a provider, or one client of it, differs from the vendor page until told otherwise. */
export interface Behaviour {
  /** The lifetime in the answer; `null` leaves the member out. */
  readonly expires_in?: Json | undefined;
  /** How long a token is really accepted, where that should differ from what the answer says. */
  readonly lifetime_seconds?: number | undefined;
  /** Wait before each request is processed. */
  readonly latency_ms?: number | undefined;
  /** Deviations that only this provider knows; its issuer says which. */
  readonly switches?: Readonly<Record<string, Json>> | undefined;
}

export interface BehaviourScope {
  readonly provider: string;
  readonly client_id?: string | undefined;
}

/** Standing deviations. One set for a client hides the same member or switch set for its provider. */
@Injectable()
export class Behaviours {
  readonly #entries = new Map<string, BehaviourScope & Behaviour>();

  set(entry: BehaviourScope & Behaviour): void {
    this.#entries.set(key(entry), entry);
  }

  of(provider: string, clientId: string | undefined): Behaviour {
    const general = this.#entries.get(key({ provider }));
    if (clientId === undefined) return general ?? {};
    const special = this.#entries.get(key({ provider, client_id: clientId }));
    return { ...general, ...special, switches: { ...general?.switches, ...special?.switches } };
  }

  list(): readonly (BehaviourScope & Behaviour)[] {
    return [...this.#entries.values()];
  }

  remove(scope: BehaviourScope): boolean {
    return this.#entries.delete(key(scope));
  }

  reset(): void {
    this.#entries.clear();
  }
}

function key({ provider, client_id }: BehaviourScope): string {
  return client_id === undefined ? provider : `${provider} ${client_id}`;
}
