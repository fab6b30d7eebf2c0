import { Anchor, Button, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client';
import { enterSession, sessionPath, useRead } from '../api/queries';
import type { Session } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';

/** The key is sent once, for a session; nothing of the page keeps it. */
export function SignIn() {
  const [key, setKey] = useState('');
  const ways = useRead<{ readonly single_sign_on: boolean }>('/console/sign_in');
  const returnTo = encodeURIComponent(window.location.pathname + window.location.search);
  const signIn = useMutation({
    mutationFn: () =>
      call<Session>('POST', sessionPath, undefined, { authorization: `Bearer ${key.trim()}` }),
    onSuccess: (session) => {
      setKey('');
      enterSession(session);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <main className="narrow">
      <form onSubmit={submit}>
        <Stack>
          <Title order={1}>Grantkeeper</Title>
          {ways.data?.single_sign_on && (
            <Button component="a" href={`/console/sso?return_to=${returnTo}`} variant="default">
              Sign in with single sign-on
            </Button>
          )}
          <Text>Sign in with an API key of an administrator or a connector.</Text>
          <PasswordInput
            label="API key"
            name="key"
            autoComplete="off"
            required
            data-autofocus
            value={key}
            onChange={({ currentTarget }) => setKey(currentTarget.value)}
          />
          <ProblemAlert error={signIn.error} />
          <Button type="submit" loading={signIn.isPending}>
            Sign in
          </Button>
          <Text size="sm" c="dimmed">
            The session ends after 30 minutes without use, after 8 hours, or with the key. The browser is
            never given a token of a provider. The API is described at{' '}
            <Anchor href="/docs" size="sm" underline="always">
              /docs
            </Anchor>
            .
          </Text>
        </Stack>
      </form>
    </main>
  );
}
