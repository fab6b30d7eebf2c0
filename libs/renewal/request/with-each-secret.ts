import { UpstreamError } from '#provider-kit';

/**
 * Makes a request with the newest secret of a client. Until the provider has accepted that one, it may know the older
 * one only: it is tried next where, and only where, the provider says that the secret was wrong (`invalid_client`), for
 * then it has looked at nothing else of the request.
 * @param secrets newest first, never empty
 * @param ask answers with a `failure`, or throws `UpstreamError`, where the provider refused
 * @returns what the last one was answered
 */
export async function withEachSecret<Secret, Answer>(
  secrets: readonly Secret[],
  ask: (secret: Secret, isNewest: boolean) => Promise<Answer>,
): Promise<Answer> {
  for (const [at, secret] of secrets.entries()) {
    const isOldest = at === secrets.length - 1;
    try {
      const answer = await ask(secret, at === 0);
      if (isOldest || !hasWrongSecret(answer)) return answer;
    } catch (error) {
      if (isOldest || !(error instanceof UpstreamError && error.code === 'invalid_client')) throw error;
    }
  }
  throw new Error('A credential has no secret.');
}

function hasWrongSecret(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || !('failure' in answer)) return false;
  const { failure } = answer;
  return (
    typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === 'invalid_client'
  );
}
