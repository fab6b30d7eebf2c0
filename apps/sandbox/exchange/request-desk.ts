import type { Client, Desk, Issued, IssueOrder } from '../issuers/desk.js';
import type { Json } from '../json.js';
import type { Behaviour } from '../world/behaviours.js';
import type { World } from '../world/world.js';

/** The desk of one request: it knows what the request's rule wants, and counts what was handed out. */
export class RequestDesk implements Desk {
  issuedCount = 0;

  constructor(
    private readonly world: World,
    private readonly provider: string,
    /** Standing behaviour and rule, already merged. */
    private readonly behaviour: Behaviour,
  ) {}

  client(clientId: string): Client | undefined {
    return this.world.clients.find(this.provider, clientId);
  }

  accepts(token: string): boolean {
    return this.world.tokens.judge(token, this.provider).accepted;
  }

  issue(order: IssueOrder): Issued {
    const told = this.behaviour.expires_in;
    const expiresIn = told === undefined ? order.vendorLifetimeSeconds : (told ?? undefined);
    const lifetimeSeconds =
      this.behaviour.lifetime_seconds ?? positiveNumber(expiresIn) ?? order.vendorLifetimeSeconds;
    const issuedAtMs = this.world.clock.nowMs();
    const expiresAtMs = issuedAtMs + lifetimeSeconds * 1000;
    this.world.tokens.record({
      token: order.token,
      provider: this.provider,
      clientId: order.client.clientId,
      grantType: order.grantType,
      scope: order.scope,
      issuedAtMs,
      expiresAtMs,
    });
    this.issuedCount += 1;
    return { token: order.token, expiresIn, expiresAtMs };
  }
}

/** A lifetime that makes no sense on the wire does not change how long the vendor accepts its token. */
function positiveNumber(value: Json | undefined): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined;
}
