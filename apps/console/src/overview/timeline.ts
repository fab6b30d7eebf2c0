import type { EndingGrant } from '../api/types-of-operations';

const dayMs = 86_400_000;

/** Ends of the spans in days from now. */
export const spans = [1, 7, 14, 90] as const;

export interface Ending extends EndingGrant {
  /** The first span that it fits. */
  readonly span: number;
  readonly inDays: number;
}

export function endingsOf(ending: readonly EndingGrant[], nowMs: number): Ending[] {
  return ending.flatMap((one) => {
    const inDays = Math.max(0, (Date.parse(one.ends_at) - nowMs) / dayMs);
    const span = spans.findIndex((days) => inDays <= days);
    return span < 0 ? [] : [{ ...one, span, inDays }];
  });
}

/** Where it is on a line on which all spans are of the same length, 0 to 1. */
export function placeOf({ span, inDays }: Ending): number {
  const from = spans[span - 1] ?? 0;
  const to = spans[span] ?? from + 1;
  return (span + (inDays - from) / (to - from)) / spans.length;
}
