import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { GuardedHttpClient } from '#egress';
import { countWebhookDelivery, log } from '#observability';
import { CLOCK, type Clock, UpstreamError } from '#provider-kit';
import {
  type AttemptEnd,
  type ClaimedDelivery,
  type DeliveryClaim,
  DeliveryRepository,
  InFlight,
} from '#vault';
import { retryInSeconds } from './delivery-backoff.js';
import { messageBody } from './message-body.js';
import { messageId, signedHeaders } from './signature.js';

/** A receiver of webhooks gets no longer than this, even where a provider may take more. */
const mostTimeoutMs = 10_000;

/** A lease reaches so far beyond the deadline: an attempt has ended before anybody may take it over. */
const beyondDeadlineSeconds = 20;

/** The part of its lease that an attempt keeps for writing its outcome. */
const leaseMarginMs = 5_000;

interface Answer {
  /** Null when none came. */
  readonly status: number | null;
  readonly retryAfterSeconds?: number | undefined;
  readonly error: string | null;
}

/** Takes deliveries from the outbox to their receivers. Each is made at least once, under one message id. */
@Injectable()
export class DeliveryDispatcher implements OnModuleDestroy {
  private readonly running = new InFlight<void>();
  private stopping = false;

  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly http: GuardedHttpClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** Hard: from name resolution to the last byte of the answer. */
  private get timeoutMs(): number {
    return Math.min(mostTimeoutMs, this.settings.upstreamTimeoutMs);
  }

  get underWay(): number {
    return this.running.size;
  }

  /**
   * Claims up to `limit` due deliveries and begins an attempt of each; does not wait for their ends.
   * @returns how many were claimed
   */
  async dispatchDue(limit: number): Promise<number> {
    if (this.stopping) return 0;
    let claimed = 0;
    const seconds = this.timeoutMs / 1_000 + beyondDeadlineSeconds;
    const claiming = this.deliveries.claim(limit, { owner: randomUUID(), seconds }).then((claims) => {
      claimed = claims.length;
      for (const claim of claims) this.begin(claim);
    });
    await this.running.join(Symbol('claim'), () => claiming);
    return claimed;
  }

  /** Nothing more is claimed; what is in flight is finished. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    await this.running.drained();
  }

  private begin(claim: DeliveryClaim): void {
    void this.running.join(Symbol('attempt'), () =>
      this.attempt(claim).catch((error: unknown) => {
        // Its lease runs out, and then somebody takes it over.
        log.warn({ err: error, delivery: claim.deliveryId }, 'webhook delivery failed, will retry');
      }),
    );
  }

  private async attempt(claim: DeliveryClaim): Promise<void> {
    const delivery = await this.deliveries.load(claim);
    if (!delivery) return;
    const beganAtMs = this.clock.monotonicMs();
    const answer = await this.send(claim, delivery);
    const tookMs = this.clock.monotonicMs() - beganAtMs;
    const end = endOf(answer, delivery, tookMs);
    await this.deliveries.end(claim, end);
    countWebhookDelivery(end.status);
    if (end.status === 'dead') {
      const { status, error } = answer;
      log.warn({ message_id: messageId(delivery.messageId), status, error }, 'webhook delivery given up');
    }
  }

  private async send(claim: DeliveryClaim, delivery: ClaimedDelivery): Promise<Answer> {
    const id = messageId(delivery.messageId);
    const body = messageBody(delivery.payload);
    // An attempt like another, so that it is given up one day: what waits behind it is not held up for good.
    if (delivery.secret === null) return { status: null, error: 'secret_unreadable' };
    const headers = signedHeaders(delivery.secret, id, delivery.attemptedAt, body);
    const latestMs = claim.leaseEndsAtMs - leaseMarginMs;
    // As long as a call of a provider may take, from name resolution to the last byte: a stop waits for no longer.
    const deadlineMonotonicMs = Math.min(this.clock.monotonicMs() + this.timeoutMs, latestMs);
    try {
      const { status, retryAfterSeconds } = await this.http.post(
        { url: delivery.url, headers, body },
        { deadlineMonotonicMs },
      );
      return { status, retryAfterSeconds, error: errorOf(status) };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      return { status: null, error: error.code };
    }
  }
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? 'redirect_refused' : 'unexpected_status';
}

function endOf(
  { status, error, retryAfterSeconds }: Answer,
  delivery: ClaimedDelivery,
  tookMs: number,
): AttemptEnd {
  const outcome = { httpStatus: status, error };
  if (error === null) return { ...outcome, status: 'delivered' };
  // The Standard Webhooks specification: a receiver that says Gone wants to be left alone.
  if (status === 410) return { ...outcome, status: 'dead', disableWebhook: true };
  const giveUpInSeconds = (delivery.giveUpInMs - tookMs) / 1_000;
  const next = retryInSeconds({ attempts: delivery.attempts, giveUpInSeconds, retryAfterSeconds });
  if (next === null) return { ...outcome, status: 'dead', disableWebhook: false };
  return { ...outcome, status: 'pending', retryInSeconds: next };
}
