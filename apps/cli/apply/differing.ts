import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../text/table.js';

/** The declared members that are another value now. */
export function differing(declared: Json, present: Json): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declared).filter(
      ([name, value]) => value !== undefined && !isDeepStrictEqual(value ?? null, present[name] ?? null),
    ),
  );
}
