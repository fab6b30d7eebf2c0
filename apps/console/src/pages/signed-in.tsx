import { Text } from '@mantine/core';
import { useEffect } from 'react';
import { signedInAgain } from '../shell/signed-in-again';

/** Where a window ends that was opened to sign in again: the one that waits goes on. */
export function SignedIn() {
  useEffect(() => {
    const channel = new BroadcastChannel(signedInAgain);
    channel.postMessage('done');
    channel.close();
    window.close();
  }, []);
  return <Text>You are signed in. You can close this window.</Text>;
}
