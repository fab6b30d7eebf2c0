import type { TokenAnswer } from '#token-reads';

/** For the end of a `switch` over the kinds of answers: the compiler refuses a kind that was left out. */
export function unhandledAnswer(answer: never): Error {
  return new Error(`A read has ended as ${(answer as TokenAnswer).kind}, which is not answered here.`);
}
