import { LRUCache } from 'lru-cache';

/**
 * Drops the entry that was used longest ago, once there are more. It is bounded by size, one for each entry: with `max`
 * the package allots the places of all entries at the start.
 */
export function growingCache<Value extends object | number>(
  mostEntries: number,
  dispose?: LRUCache.Disposer<string, Value>,
): LRUCache<string, Value> {
  return new LRUCache({ maxSize: mostEntries, sizeCalculation: () => 1, ...(dispose && { dispose }) });
}
