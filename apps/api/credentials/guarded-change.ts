import { isDeepStrictEqual } from 'node:util';
import type { ClientSecret, ProviderSettings, TokenProvider } from '#provider-kit';
import { invalidField, Problem } from '../problem/problem.js';
import { validationProblem } from '../problem/validation-problem.js';
import type { CredentialChangeBody } from './credential.schemas.js';

type GivenSecret = Pick<CredentialChangeBody, 'client_secret' | 'private_key'>;

/** The names of the settings whose change from the ones to the others needs the client's secret. */
export function changesNeedingSecret(
  provider: TokenProvider,
  from: ProviderSettings,
  to: ProviderSettings,
): string[] {
  const before = effective(provider, from);
  const after = effective(provider, to);
  const { settingsChangedWithoutSecret: free } = provider.descriptor;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !free.includes(name) && !isDeepStrictEqual(before[name], after[name]),
  );
}

function effective(provider: TokenProvider, settings: ProviderSettings): ProviderSettings {
  if (provider.effectiveSettings) return provider.effectiveSettings(settings);
  return provider.descriptor.settingsSchema.safeParse(settings).data ?? settings;
}

/** Whether a body names settings that are guarded, whether they change or not, so that a change can be sent again. */
function namesGuarded({ settings = {} }: CredentialChangeBody, provider: TokenProvider): boolean {
  const { settingsChangedWithoutSecret: free } = provider.descriptor;
  return Object.keys(settings).some((name) => !free.includes(name));
}

/**
 * The secret beside a change of settings that decide where secrets are sent: without it a caller could have the stored
 * one, which nobody can read, sent to an address of his own.
 * @param guarded the settings of that kind that change
 * @throws Problem `invalid_request` where the secret is missing, or has nothing to do
 */
export function givenSecret(
  provider: TokenProvider,
  body: CredentialChangeBody,
  guarded: readonly string[],
  stored: readonly ClientSecret[],
): GivenSecret | undefined {
  const { client_secret, private_key } = body;
  const isGiven = client_secret !== undefined || private_key !== undefined;
  if (isGiven && !namesGuarded(body, provider)) {
    throw invalidField(
      client_secret === undefined ? 'private_key' : 'client_secret',
      'is taken only beside a setting that needs it',
      'Add the next secret with POST …/credentials/{id}/secrets.',
    );
  }
  if (isGiven) return { client_secret, private_key };
  if (guarded.length > 0 && stored.some(({ kind }) => kind !== 'none')) {
    throw refusedSettings(guarded, 'changes only with client_secret or private_key in the same request');
  }
  return undefined;
}

/** Connections hold refresh tokens, which would be sent where the new settings say. */
export function notTheSecretInUse(kind: ClientSecret['kind'], guarded: readonly string[]): Problem {
  if (kind === 'none') {
    return refusedSettings(
      guarded,
      'cannot change while connections use client credentials without a secret',
    );
  }
  return invalidField(
    kind,
    'must be the secret in use while connections use these client credentials',
    'Send the secret that the provider accepts now, or register new client credentials for the new settings.',
  );
}

export function changedMeanwhile(): Problem {
  return new Problem('conflict', {
    detail: 'These client credentials were changed by another request at the same time.',
    remedy: 'Read them again, and repeat the change if it is still wanted.',
  });
}

function refusedSettings(names: readonly string[], message: string): Problem {
  const { options } = validationProblem(names.map((name) => ({ path: ['settings', name], message })));
  return new Problem('invalid_request', {
    ...options,
    remedy:
      'Send the secret in the same request, or register new client credentials for the new settings and authorize anew.',
  });
}
