import { Button, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { call } from '../api/client';
import { sessionPath } from '../api/read-session';
import type { Session } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { signedInAgain } from './signed-in-again';

/** @param end is told whether they have signed in */
export function SignInAgainDialog({
  session,
  isOpen,
  end,
}: {
  readonly session: Session;
  readonly isOpen: boolean;
  readonly end: (isDone: boolean) => void;
}) {
  const [key, setKey] = useState('');
  const [error, setError] = useState<unknown>();
  const close = (isDone: boolean) => {
    end(isDone);
    setKey('');
    setError(undefined);
  };
  useEffect(() => {
    const channel = new BroadcastChannel(signedInAgain);
    channel.onmessage = () => close(true);
    return () => channel.close();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call('POST', sessionPath, undefined, { authorization: `Bearer ${key.trim()}` }).then(
      () => close(true),
      setError,
    );
  };
  return (
    <Modal
      opened={isOpen}
      onClose={() => close(false)}
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
