import { Anchor, Button, Group, Loader, Text } from '@mantine/core';
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useChanges } from '../api/changes';
import { call } from '../api/client';
import { enterSession, useSession } from '../api/queries';
import { sessionPath } from '../api/read-session';
import type { Session } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { hideSignIn, showSignIn } from '../start/sign-in-form';
import { ColorScheme } from './color-scheme';
import { Navigation } from './navigation';
import { SignInAgain } from './sign-in-again';

/** The frame of every page. Without a session there is only the sign-in page, at whatever address. */
export function Shell() {
  const session = useSession();
  if (session.isPending) return <Loader m="xl" role="status" aria-label="Loading" />;
  if (session.isError) {
    return (
      <main className="narrow">
        <ProblemAlert error={session.error} retry={() => session.refetch()} />
      </main>
    );
  }
  return session.data ? <Frame session={session.data} /> : <SignedOut />;
}

/** The form stands in the page itself, beside all that is rendered here. */
function SignedOut() {
  useEffect(() => {
    showSignIn(enterSession);
    return hideSignIn;
  }, []);
  return null;
}

function Frame({ session }: { readonly session: Session }) {
  const params: { readonly tenant?: string } = useParams({ strict: false });
  const tenant = session.tenant ?? params.tenant;
  useChanges(tenant);
  return (
    <div className="frame">
      <header className="head">
        <a className="skip" href="#content">
          Skip to the content
        </a>
        <Group gap="sm">
          <Anchor component={Link} to="/" fw={700} size="lg" underline="never">
            Grantkeeper
          </Anchor>
          {tenant !== undefined && <Text c="dimmed">{tenant}</Text>}
        </Group>
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {session.role.replaceAll('_', ' ')}
          </Text>
          <ColorScheme />
          <Button variant="default" size="xs" onClick={() => signOut(session)}>
            Sign out
          </Button>
        </Group>
      </header>
      <SignInAgain session={session} />
      <Navigation session={session} tenant={tenant} />
      <main className="body" id="content">
        <Outlet />
      </main>
    </div>
  );
}

async function signOut(session: Session): Promise<void> {
  await call('DELETE', sessionPath).catch(() => undefined);
  if (session.sign_in === 'single_sign_on') window.location.assign('/console/sso/sign_out');
  else enterSession(null);
}
