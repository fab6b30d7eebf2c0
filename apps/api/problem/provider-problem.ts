import type { RenewalFailure } from '#renewal';
import { Problem } from './problem.js';

/** The provider's refusal as callers see it; its words are redacted already. */
export function providerErrorJson(failure: RenewalFailure) {
  return {
    code: failure.code,
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.member === undefined ? {} : { member: failure.member }),
    ...(failure.providerError === undefined ? {} : { error: failure.providerError }),
    ...(failure.providerErrorDescription === undefined
      ? {}
      : { error_description: failure.providerErrorDescription }),
  };
}

/** 422 where somebody must change something, 503 where trying again is enough: an outage never looks like a refusal. */
export function providerProblem(failure: RenewalFailure): Problem {
  if (failure.code === 'account_mismatch') {
    return new Problem('account_mismatch', {
      detail: 'Nothing was changed: the connection goes on with the account it has.',
      remedy: failure.remedy,
    });
  }
  const members = { provider_error: providerErrorJson(failure) };
  if (failure.class === 'configuration' || failure.class === 'terminal') {
    return new Problem('provider_rejected', {
      detail: `The provider refused it: ${failure.code}.`,
      remedy: failure.remedy,
      members,
    });
  }
  return new Problem('provider_unavailable', {
    detail: 'The provider gave no usable answer.',
    remedy: failure.remedy,
    retryAfterSeconds: failure.retryAfterSeconds,
    members,
  });
}

/** The provider could not be reached, or broke down: nothing was saved. */
export function unavailableProblem({
  failure,
  retryAfterSeconds,
}: {
  readonly failure: RenewalFailure | undefined;
  readonly retryAfterSeconds: number;
}): Problem {
  if (failure) return providerProblem({ ...failure, retryAfterSeconds });
  return new Problem('provider_unavailable', {
    detail: 'The provider gave no usable answer; nothing was saved.',
    retryAfterSeconds,
  });
}
