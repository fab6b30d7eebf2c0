import type { Binding } from '../encryption/binding.js';
import type { Claim } from './claim.js';

/** A provider's answer in the journal belongs to the claim it was asked under. */
export function answerBinding({
  tenantId,
  intentId,
  generation,
}: Pick<Claim, 'tenantId' | 'intentId' | 'generation'>): Binding {
  return { tenantId, table: 'journal', column: 'answer', rowId: intentId, generation };
}
