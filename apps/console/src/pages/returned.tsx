import { Anchor, Button, Stack, Text } from '@mantine/core';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useChange } from '../api/queries';
import type { Connection } from '../api/types';
import { takeBegun } from '../consent/own-consents';
import { Heading } from '../parts/heading';
import { ProblemAlert } from '../parts/problem-alert';

interface Came {
  readonly connection?: string;
  readonly status?: string;
  readonly confirmation_code?: string;
}

/**
 * Where the browser of somebody who has consented comes back to. A consent that was begun in this browser is taken;
 * with another one the link may be a stranger's, who wants their own account connected, so the administrator decides.
 */
export function Returned() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const { connection: id = '', confirmation_code: code }: Came = useSearch({ strict: false });
  const [isOwn] = useState(() => takeBegun(tenant, id));
  const path = `/v1/tenants/${tenant}/connections/${encodeURIComponent(id)}`;
  const complete = useChange<object, Connection>('POST', `${path}/complete`);
  const { mutate, isIdle } = complete;
  useEffect(() => {
    if (isOwn && isIdle && code !== undefined) mutate({ confirmation_code: code });
  }, [isOwn, isIdle, code, mutate]);
  const isDone = complete.data?.status === 'active';
  return (
    <>
      <Heading title={isDone ? 'Connected' : code === undefined ? 'Not connected' : 'Connecting'} />
      <Stack align="flex-start">
        <Text role="status">{wordsOf(id, code, isDone)}</Text>
        {!isOwn && isIdle && code !== undefined && (
          <>
            <Text>
              This consent was not begun in this browser. Whose account it is was decided by who opened the
              link: finish only if you know who that was.
            </Text>
            <Button onClick={() => mutate({ confirmation_code: code })}>Finish connecting {id}</Button>
          </>
        )}
        <ProblemAlert error={complete.error} />
        <Anchor component={Link} underline="always" to={`/tenants/${tenant}/connections/${id}` as '/'}>
          To the connection
        </Anchor>
      </Stack>
    </>
  );
}

function wordsOf(id: string, code: string | undefined, isDone: boolean): string {
  if (isDone) return `${id} is connected. This window can be closed.`;
  return code === undefined
    ? `The provider gave no consent for ${id}: it was declined, or asked for too late.`
    : `The user has consented to ${id}.`;
}
