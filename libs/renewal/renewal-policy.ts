import type { Settings } from '#config';
import type { ExchangePolicy } from '#exchange';
import { afterFailure } from './backoff.js';
import { dueAfter } from './due-time.js';

export function renewalPolicy({ pressure }: Pick<Settings, 'pressure'>): ExchangePolicy {
  return { dueAfter, afterFailure: (failure) => afterFailure(failure, pressure.backoffMaxSeconds) };
}
