export interface RenewalTarget {
  readonly tenantId: string;
  readonly connectionId: string;
  /** The generation found too old; when the connection has moved on, nothing is renewed. */
  readonly generation: number;
  /** Where it is known: while the breaker there is open, nothing is sent. */
  readonly upstream?: string;
}
