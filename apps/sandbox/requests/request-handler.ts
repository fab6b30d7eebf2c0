import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Rule } from '../control/rule.schemas.js';
import type { Issuer, IssuerRoute, ProviderRequest } from '../issuers/issuer.js';
import { SANDBOX_LOG, type SandboxLog } from '../sandbox.log.js';
import type { Behaviour } from '../world/behaviours.js';
import type { Outcome, RequestLogEntry } from '../world/request-log.js';
import type { RequestFacts } from '../world/rule-book.js';
import { toInstant } from '../world/sandbox-clock.js';
import type { RequestCount } from '../world/tally.js';
import { World } from '../world/world.js';
import { composeReply, replacesIssuer } from './compose-reply.js';
import { deliver } from './deliver.js';
import { OpenRequests } from './open-requests.js';
import { rawHeaderPairs, readProviderRequest } from './provider-request.js';
import { RequestDesk } from './request-desk.js';

/** Who answers a request. */
export interface Call {
  readonly issuer: Issuer;
  readonly route: IssuerRoute;
}

/** The facts, behaviour and rule around a request, besides what it says itself. */
interface Circumstances {
  readonly facts: RequestFacts;
  readonly behaviour: Behaviour;
  readonly rule: Rule | undefined;
}

/**
 * The one path every provider request takes: log, rule, wait, process, wait, answer.
 *
 * A client that goes away does not stop the processing: to the client the outcome is unknown, as it would be
 * with the real provider.
 */
@Injectable()
export class RequestHandler {
  constructor(
    private readonly world: World,
    private readonly openRequests: OpenRequests,
    @Inject(SANDBOX_LOG) private readonly log: SandboxLog,
  ) {}

  /** `call` is absent for a path no provider has: logged all the same, and answered 404. */
  async run(call: Call | undefined, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.hijack();
    const startedAtMs = performance.now();
    const arrivedAtMs = this.world.clock.nowMs();
    const asked = readProviderRequest(request);
    const facts = factsOf(call, asked);
    const entry = this.world.requestLog.open({
      at: toInstant(arrivedAtMs),
      method: asked.method,
      path: asked.path,
      query: asked.query,
      raw_headers: rawHeaderPairs(request.raw.rawHeaders),
      body: asked.body,
      provider: facts.provider,
      client_id: facts.client_id,
      grant_type: facts.grant_type,
    });
    const standing = this.world.rules.take(facts);
    entry.rule = standing?.id ?? null;
    const behaviour = mergeBehaviour(this.#standingBehaviour(facts), standing?.rule);
    const desk = new RequestDesk(this.world, {
      provider: facts.provider ?? '',
      origin: asked.origin,
      arrivedAtMs,
      behaviour,
    });
    try {
      entry.outcome = await this.openRequests.track(() =>
        this.#answer(call, asked, desk, { facts, behaviour, rule: standing?.rule }, entry, reply),
      );
    } catch (error) {
      // A sleep cut short by the shutdown, or a mistake in an issuer: neither may leave a client hanging.
      entry.outcome = 'dropped_after';
      reply.raw.destroy();
      if (!this.openRequests.signal.aborted)
        this.log.error({ err: error, route: call?.route.path }, 'failed');
    }
    desk.answered();
    entry.duration_ms = Math.round(performance.now() - startedAtMs);
    this.log.info(
      {
        provider: facts.provider,
        client_id: facts.client_id,
        grant_type: facts.grant_type,
        route: call?.route.path ?? null,
        rule: entry.rule,
        status: entry.status,
        outcome: entry.outcome,
        duration_ms: entry.duration_ms,
      },
      'request',
    );
  }

  async #answer(
    call: Call | undefined,
    asked: ProviderRequest,
    desk: RequestDesk,
    { facts, behaviour, rule }: Circumstances,
    entry: RequestLogEntry,
    reply: FastifyReply,
  ): Promise<Outcome> {
    const count = this.#counter(call, facts);
    count('arrived', 1);
    await this.#pause(behaviour.latency_ms);
    if (rule?.drop === 'before') {
      reply.raw.destroy();
      return 'dropped_before';
    }

    count('requests', 1);
    const vendor = replacesIssuer(rule) ? undefined : (call?.route.handle(asked, desk) ?? NO_SUCH_PATH);
    count('issued', desk.issuedCount);

    const wire = await composeReply(vendor, rule);
    await this.#pause(rule?.respond_delay_ms);
    if (rule?.drop === 'after') {
      reply.raw.destroy();
      return 'dropped_after';
    }
    entry.status = wire.status;
    return await deliver(
      reply.raw,
      wire,
      { truncate: rule?.drop === 'mid_body', dripMs: rule?.drip_ms ?? 0 },
      this.openRequests.signal,
    );
  }

  /** Counts what may become a token by its outcome; of all else only that it came. */
  #counter(call: Call | undefined, facts: RequestFacts): (what: keyof RequestCount, by: number) => void {
    const nothing = () => undefined;
    if (call === undefined || call.route.kind === 'resource') return nothing;
    const who = { provider: call.issuer.id, client_id: facts.client_id };
    if (call.route.kind === 'token') {
      return (what, by) => this.world.tally.add(who, facts.grant_type, what, by);
    }
    this.world.tally.addCall(who, `${call.route.method} ${call.route.path}`);
    return nothing;
  }

  #standingBehaviour(facts: RequestFacts): Behaviour {
    return facts.provider === null
      ? {}
      : this.world.behaviours.of(facts.provider, facts.client_id ?? undefined);
  }

  async #pause(delayMs: number | undefined): Promise<void> {
    if (delayMs !== undefined && delayMs > 0) {
      await sleep(delayMs, undefined, { signal: this.openRequests.signal });
    }
  }
}

const NO_SUCH_PATH = {
  status: 404,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: '{"error":"not_found"}',
};

function factsOf(call: Call | undefined, asked: ProviderRequest): RequestFacts {
  return {
    provider: call?.issuer.id ?? null,
    client_id: call?.issuer.identify(asked) ?? null,
    grant_type: asked.form?.get('grant_type') ?? null,
    path: asked.path,
    kind: call?.route.kind ?? null,
  };
}

function mergeBehaviour(standing: Behaviour, rule: Rule | undefined): Behaviour {
  return {
    expires_in: rule?.expires_in === undefined ? standing.expires_in : rule.expires_in,
    lifetime_seconds: rule?.lifetime_seconds ?? standing.lifetime_seconds,
    latency_ms: rule?.delay_ms ?? standing.latency_ms,
    switches: standing.switches,
  };
}
