import { grantTraits, type TokenGrant } from '#provider-kit';
import type { RenewalFailure } from './renewal-failure.js';

/** Classes a failure by the very credential that was sent: some must not be sent again once their fate is unknown. */
export function classifyForGrant(failure: RenewalFailure, grant: TokenGrant): RenewalFailure {
  return grantTraits[grant.type].unknownIsFinal && failure.class === 'unknown'
    ? { ...failure, class: 'terminal' }
    : failure;
}
