/** The lease of one delivery, for one attempt. */
export interface DeliveryClaim {
  readonly tenantId: string;
  readonly deliveryId: string;
  readonly owner: string;
  /** On the monotonic clock: nobody else claims it before. */
  readonly leaseEndsAtMs: number;
}

/** All that one attempt needs, opened. */
export interface ClaimedDelivery {
  readonly messageId: string;
  readonly url: string;
  /** `whsec_…`; null where it does not open. */
  readonly secret: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  /** This attempt among them. */
  readonly attempts: number;
  /** Instant of the database's clock at which this attempt was claimed. */
  readonly attemptedAt: Date;
  /** Until it is given up; negative once that time has passed. */
  readonly giveUpInMs: number;
}

/** How an attempt ended. `httpStatus` is null when no answer came. */
export type AttemptEnd = { readonly httpStatus: number | null; readonly error: string | null } & (
  | { readonly status: 'delivered' }
  | { readonly status: 'pending'; readonly retryInSeconds: number }
  | { readonly status: 'dead'; readonly disableWebhook: boolean }
);
