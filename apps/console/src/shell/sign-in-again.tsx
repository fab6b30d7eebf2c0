import { lazy, Suspense, useEffect, useState } from 'react';
import { answerSignInAgain } from '../api/sign-in-again';
import type { Session } from '../api/types';

const Dialog = lazy(() =>
  import('./sign-in-again-dialog').then((file) => ({ default: file.SignInAgainDialog })),
);

/** Shown when an act needs a sign-in that is not older than ten minutes; the act is repeated after it. */
export function SignInAgain({ session }: { readonly session: Session }) {
  const [answer, setAnswer] = useState<((isDone: boolean) => void) | undefined>();
  const [wasAsked, setAsked] = useState(false);
  useEffect(() => {
    answerSignInAgain((next) => {
      setAsked(true);
      setAnswer(() => next);
    });
    return () => answerSignInAgain(undefined);
  }, []);
  const end = (isDone: boolean) => {
    answer?.(isDone);
    setAnswer(undefined);
  };
  if (!wasAsked) return null;
  return (
    <Suspense>
      <Dialog session={session} isOpen={answer !== undefined} end={end} />
    </Suspense>
  );
}
