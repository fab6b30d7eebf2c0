import type { z } from 'zod';
import type { Client, Desk, Issued, IssueOrder } from '../issuers/desk.js';
import type { Json } from '../json.js';
import type { Behaviour } from '../world/behaviours.js';
import type { World } from '../world/world.js';

export interface DeskFacts {
  readonly provider: string;
  readonly origin: string;
  readonly arrivedAtMs: number;
  /** Standing behaviour and rule, already merged. */
  readonly behaviour: Behaviour;
}

/** The desk of one request: it knows what the request's rule wants, and counts what was handed out. */
export class RequestDesk implements Desk {
  readonly provider: string;
  readonly origin: string;
  readonly arrivedAtMs: number;
  readonly codes: World['codes'];
  readonly consents: World['consents'];
  readonly grants: World['grants'];
  readonly backchannel: World['backchannel'];
  readonly people: World['people'];
  readonly seenOnce: World['seenOnce'];
  readonly tokens: World['tokens'];
  issuedCount = 0;

  readonly #behaviour: Behaviour;
  readonly #listeners: (() => void)[] = [];

  constructor(
    private readonly world: World,
    facts: DeskFacts,
  ) {
    this.provider = facts.provider;
    this.origin = facts.origin;
    this.arrivedAtMs = facts.arrivedAtMs;
    ({
      codes: this.codes,
      consents: this.consents,
      grants: this.grants,
      backchannel: this.backchannel,
      people: this.people,
      seenOnce: this.seenOnce,
      tokens: this.tokens,
    } = world);
    this.#behaviour = facts.behaviour;
  }

  nowMs(): number {
    return this.world.clock.nowMs();
  }

  client(clientId: string): Client | undefined {
    return this.world.clients.find(this.provider, clientId);
  }

  switches<S extends z.ZodType>(schema: S): z.output<S> {
    return schema.parse(this.#behaviour.switches ?? {});
  }

  issue(order: IssueOrder): Issued {
    const told = this.#behaviour.expires_in;
    const expiresIn = told === undefined ? order.vendorLifetimeSeconds : (told ?? undefined);
    const lifetimeSeconds =
      this.#behaviour.lifetime_seconds ?? positiveNumber(expiresIn) ?? order.vendorLifetimeSeconds;
    const issuedAtMs = this.world.clock.nowMs();
    const expiresAtMs = issuedAtMs + lifetimeSeconds * 1000;
    this.world.tokens.record({
      token: order.token,
      provider: this.provider,
      clientId: order.client.clientId,
      grantType: order.grantType,
      scope: order.scope,
      user: order.grant?.user ?? order.user,
      singleUse: order.singleUse ?? false,
      issuedAtMs,
      expiresAtMs,
    });
    order.grant?.accessTokens.push(order.token);
    this.issuedCount += 1;
    return { token: order.token, expiresIn, expiresAtMs };
  }

  afterAnswer(listener: () => void): void {
    this.#listeners.push(listener);
  }

  answered(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A lifetime that makes no sense on the wire does not change how long the vendor accepts its token. */
function positiveNumber(value: Json | undefined): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined;
}
