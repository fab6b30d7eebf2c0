export interface RenewalLimitSettings {
  /** Renewals one worker has under way at most. */
  readonly renewals: number;
  /** Of those, for one tenant. */
  readonly perTenant: number;
  /** Requests one process has under way at one upstream. */
  readonly perUpstream: number;
  /** Failures in a row after which an upstream is left alone. */
  readonly breakerFailures: number;
  /** For so long at most between two probes, seconds. */
  readonly breakerMaxSeconds: number;
  /** Between two attempts of one connection while its provider is down, seconds. */
  readonly backoffMaxSeconds: number;
}
