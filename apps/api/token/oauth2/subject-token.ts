import { isJwt } from '#access';
import { OAuthError } from './oauth-error.js';
import type { TokenForm } from './token-form.js';

const typeOf = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;

/** The type of each issued token, whatever was asked for. */
export const accessTokenType = typeOf('access_token');

/** A workload JWT by the names that RFC 8693 §3 has for it. */
const subjectTypes: readonly (string | undefined)[] = ['jwt', 'id_token', 'access_token'].map(typeOf);

/**
 * The JWT to be exchanged (RFC 8693 §2.1).
 * @throws OAuthError `invalid_request`, also for one that cannot be valid (§2.2.2)
 */
export function subjectToken(form: TokenForm): string {
  const jwt = form.get('subject_token');
  if (jwt === undefined) throw new OAuthError('invalid_request', 'subject_token is missing.');
  if (!subjectTypes.includes(form.get('subject_token_type'))) {
    throw new OAuthError('invalid_request', `The subject_token_type is one of ${subjectTypes.join(', ')}.`);
  }
  const requested = form.get('requested_token_type') ?? accessTokenType;
  if (requested !== accessTokenType) {
    throw new OAuthError('invalid_request', `The requested_token_type is ${accessTokenType}.`);
  }
  if (form.get('actor_token') !== undefined || form.get('actor_token_type') !== undefined) {
    throw new OAuthError('invalid_request', 'There is no acting for another here: no actor_token.');
  }
  if (!isJwt(jwt)) throw invalidSubject();
  return jwt;
}

export function invalidSubject(): OAuthError {
  return new OAuthError('invalid_request', 'The subject_token is not valid, or not bound in this tenant.');
}
