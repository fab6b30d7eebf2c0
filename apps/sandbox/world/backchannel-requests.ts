import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SandboxClock } from './sandbox-clock.js';

/** One look at the token endpoint for the user's answer. */
export interface Poll {
  readonly atMs: number;
  /** Since the poll before it; `null` for the first, which may come at once. */
  readonly sincePreviousMs: number | null;
  /** It came before the interval was over. */
  readonly early: boolean;
  /** An OAuth error code, or `token`. */
  readonly answer: string;
}

/** A user asked over another device (CIBA Core §7). */
export interface BackchannelRequest {
  readonly authReqId: string;
  readonly provider: string;
  readonly clientId: string;
  readonly user: string;
  readonly scope: string;
  readonly startedAtMs: number;
  expiresAtMs: number;
  /** Grows by 5 with each `slow_down`. */
  intervalSeconds: number;
  readonly polls: Poll[];
  /** The user's answer as the control API set it; absent: the persona decides. */
  decision: 'approve' | 'deny' | undefined;
  /** `redeemed`: its token is out. `dead`: an ill-formed request spoiled it. */
  state: 'open' | 'redeemed' | 'dead';
}

export type BackchannelOrder = Pick<
  BackchannelRequest,
  'provider' | 'clientId' | 'user' | 'scope' | 'intervalSeconds'
> & { readonly lifetimeSeconds: number };

export type BackchannelFilter = Partial<Pick<BackchannelRequest, 'provider' | 'clientId' | 'user'>>;

@Injectable()
export class BackchannelRequests {
  readonly #requests = new Map<string, BackchannelRequest>();

  constructor(private readonly clock: SandboxClock) {}

  open({ lifetimeSeconds, ...facts }: BackchannelOrder): BackchannelRequest {
    const startedAtMs = this.clock.nowMs();
    const request: BackchannelRequest = {
      ...facts,
      authReqId: randomUUID(),
      startedAtMs,
      expiresAtMs: startedAtMs + lifetimeSeconds * 1000,
      polls: [],
      decision: undefined,
      state: 'open',
    };
    this.#requests.set(request.authReqId, request);
    return request;
  }

  get(authReqId: string): BackchannelRequest | undefined {
    return this.#requests.get(authReqId);
  }

  list(filter: BackchannelFilter): readonly BackchannelRequest[] {
    const wanted = Object.entries(filter);
    return [...this.#requests.values()].filter((request) =>
      wanted.every(([name, value]) => request[name as keyof BackchannelFilter] === value),
    );
  }

  reset(): void {
    this.#requests.clear();
  }
}
