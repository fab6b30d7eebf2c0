import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { UpstreamError } from '#provider-kit';

export type SignInRefusalCode =
  | 'answer_unknown'
  | 'answer_used'
  | 'issuer_refused'
  | 'issuer_unavailable'
  | 'client_refused'
  | 'not_believed'
  | 'someone_else';

/** Why single sign-on has let nobody in. */
export class SignInRefusal extends Error {
  override readonly name = 'SignInRefusal';

  /** @param words for the log: no secret, and nothing of an answer but its error code */
  constructor(
    readonly code: SignInRefusalCode,
    readonly words: string = code,
  ) {
    super(words);
  }
}

/** The refusal behind an error of `openid-client`. */
export function refusalOf(error: unknown): SignInRefusal {
  if (error instanceof SignInRefusal) return error;
  if (error instanceof AuthorizationResponseError) return new SignInRefusal('issuer_refused', error.error);
  if (error instanceof ResponseBodyError) {
    return new SignInRefusal(error.error === 'invalid_grant' ? 'answer_used' : 'client_refused', error.error);
  }
  if (!(error instanceof ClientError)) {
    return new SignInRefusal('client_refused', error instanceof Error ? error.message : undefined);
  }
  const { cause, code, message } = error;
  if (cause instanceof UpstreamError) return new SignInRefusal('issuer_unavailable', cause.message);
  const isDown = code === undefined || (cause instanceof Response && cause.status >= 500);
  return new SignInRefusal(isDown ? 'issuer_unavailable' : 'not_believed', `${message} (${code})`);
}
