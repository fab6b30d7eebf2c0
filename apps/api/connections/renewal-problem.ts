import { failureCodes, remedyFor } from '#provider-kit';
import type { RenewalResult } from '#renewal';
import { connectionPaused } from '../problem/connection-paused.js';
import { Problem } from '../problem/problem.js';
import { providerProblem } from '../problem/provider-problem.js';
import { notFound } from '../problem/to-problem.js';

/** Why a renewal that was asked for did not happen. */
export function renewalProblem(result: Exclude<RenewalResult, { kind: 'renewed' }>): Problem {
  switch (result.kind) {
    case 'gone':
      return notFound();
    case 'ended':
      return new Problem('reauthorization_required', {
        detail: 'The grant of this connection has ended.',
        remedy: result.failure?.remedy ?? failureCodes.invalid_grant.remedy,
      });
    case 'paused':
      return connectionPaused();
    case 'pending':
      return new Problem('authorization_pending', { retryAfterSeconds: result.retryAfterSeconds });
    case 'failed': {
      const { failure, lastError, retryAfterSeconds, held } = result;
      if (held) {
        return new Problem('unavailable', {
          detail: 'All renewals are held.',
          remedy: 'GET /v1/hold says why; a platform administrator releases them with POST /v1/hold.',
          retryAfterSeconds,
        });
      }
      if (failure) return providerProblem({ retryAfterSeconds, ...failure });
      return new Problem('provider_unavailable', {
        detail: 'The provider gave no usable answer.',
        remedy: remedyFor(lastError?.code ?? '') ?? failureCodes.temporarily_unavailable.remedy,
        retryAfterSeconds,
      });
    }
  }
}
