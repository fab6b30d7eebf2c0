/**
 * A provider's answer before anybody read it: what the journal keeps, and what an adapter can read again after a
 * crash. Other headers are dropped on arrival, since some providers put dead tokens into them.
 */
export interface RawResponse {
  readonly status: number;
  /** Lower case, without parameters; empty when absent. */
  readonly contentType: string;
  readonly retryAfterSeconds?: number;
  /** At most 64 KiB. */
  readonly body: string;
}
