import { Button, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { call } from '../api/client';
import { sessionPath } from '../api/queries';
import { answerSignInAgain } from '../api/sign-in-again';
import type { Session } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';

/** The page that a window for signing in again ends at tells the others by this. */
export const signedInAgain = 'signed-in-again';

/** Shown when an act needs a sign-in that is not older than ten minutes; the act is repeated after it. */
export function SignInAgain({ session }: { readonly session: Session }) {
  const [answer, setAnswer] = useState<((isDone: boolean) => void) | undefined>();
  const [key, setKey] = useState('');
  const [error, setError] = useState<unknown>();
  const end = (isDone: boolean) => {
    answer?.(isDone);
    setAnswer(undefined);
    setKey('');
    setError(undefined);
  };
  useEffect(() => {
    answerSignInAgain((next) => setAnswer(() => next));
    return () => answerSignInAgain(undefined);
  }, []);
  useEffect(() => {
    const channel = new BroadcastChannel(signedInAgain);
    channel.onmessage = () => end(true);
    return () => channel.close();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call('POST', sessionPath, undefined, { authorization: `Bearer ${key.trim()}` }).then(
      () => end(true),
      setError,
    );
  };
  return (
    <Modal
      opened={answer !== undefined}
      onClose={() => end(false)}
      title="Sign in again"
      closeButtonProps={{ 'aria-label': 'Close' }}
      lockScroll={false}
      centered
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">This is done only within ten minutes of signing in. It goes on after it.</Text>
          {session.sign_in === 'single_sign_on' ? (
            <Button
              component="a"
              href="/console/sso?again=true&return_to=/console/signed-in"
              target="_blank"
              rel="noopener"
            >
              Sign in again with single sign-on
            </Button>
          ) : (
            <>
              <PasswordInput
                label="API key"
                autoComplete="off"
                required
                data-autofocus
                value={key}
                onChange={({ currentTarget }) => setKey(currentTarget.value)}
              />
              <Button type="submit">Sign in again</Button>
            </>
          )}
          <ProblemAlert error={error} />
        </Stack>
      </form>
    </Modal>
  );
}
