import type { ChangeFeed } from './change-feed.js';
import type { KeyRepository } from './repositories/key.repository.js';

/** Why a process that is ready does not do as well as it could, for `/readyz`. */
export function standingReasons(
  keys: Pick<KeyRepository, 'unreachable'>,
  feed: Pick<ChangeFeed, 'deaf'>,
): string[] {
  return [
    ...keys.unreachable().map((id) => `key_service_unavailable: ${id}`),
    ...(feed.deaf ? ['changes_not_heard'] : []),
  ];
}
