import { Alert, Button, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useChange, useRead } from '../api/queries';
import type { Hold, KeyEncryptionKey } from '../api/types-of-operations';
import { ConfirmButton } from '../parts/confirm-button';
import { Heading } from '../parts/heading';
import { Loaded } from '../parts/loaded';
import { PagedTable } from '../parts/paged-table';
import { ProblemAlert } from '../parts/problem-alert';
import { Time } from '../parts/time';

export function Keys() {
  return (
    <>
      <Heading title="Keys and hold" />
      <div className="stack">
        <section>
          <Title order={2} size="h4" mb="sm">
            Renewals
          </Title>
          <HoldState />
        </section>
        <section>
          <Title order={2} size="h4" mb="sm">
            Key-encryption keys
          </Title>
          <Stack>
            <Rewrap />
            <PagedTable<KeyEncryptionKey>
              path="/v1/keys"
              label="Key-encryption keys"
              empty="There is none."
              columns={[
                { header: 'Id', cell: ({ id }) => id },
                { header: 'State', cell: ({ state }) => state },
                { header: 'Kept in', cell: ({ kind }) => kind?.replaceAll('_', ' ') ?? '—' },
                { header: 'Data keys', cell: ({ data_keys }) => data_keys },
                { header: 'Callers', cell: ({ callers }) => callers },
                { header: 'May be removed', cell: ({ removable }) => (removable ? 'yes' : 'no') },
                { header: 'What to do', cell: ({ remedy }) => remedy ?? '—' },
              ]}
            />
          </Stack>
        </section>
      </div>
    </>
  );
}

function HoldState() {
  const query = useRead<Hold>('/v1/hold');
  const release = useChange<object>('POST', '/v1/hold');
  return (
    <Loaded query={query}>
      {({ held, reason, remedy, held_at, released_at }) =>
        held ? (
          <Alert color="red" role="alert" title={`Held: ${reason?.replaceAll('_', ' ')}`}>
            <Stack align="flex-start">
              <Text size="sm">
                Since <Time at={held_at} />. Nothing is renewed; tokens that are valid are served.
              </Text>
              <Text size="sm" fw={600}>
                {remedy}
              </Text>
              <ConfirmButton
                label="Release renewals"
                name="release"
                consequence="Renewals go on with this database. Where it is behind, rotated refresh tokens are lost, and their users must consent anew."
                act={() => release.mutateAsync({ release: true })}
              />
            </Stack>
          </Alert>
        ) : (
          <Text>
            They are not held.
            {released_at !== null && (
              <>
                {' '}
                The last hold was released <Time at={released_at} />.
              </>
            )}
          </Text>
        )
      }
    </Loaded>
  );
}

function Rewrap() {
  const [words, setWords] = useState('');
  const rewrap = useChange<undefined, { readonly rewrapped: number; readonly left: number }>(
    'POST',
    '/v1/keys/rewrap',
  );
  const run = () =>
    rewrap.mutate(undefined, {
      onSuccess: ({ rewrapped, left }) => setWords(`${rewrapped} rewrapped, ${left} left.`),
    });
  return (
    <div className="row">
      <Button size="xs" variant="default" loading={rewrap.isPending} onClick={run}>
        Put all under the newest
      </Button>
      <Text role="status">{words}</Text>
      <ProblemAlert error={rewrap.error} />
    </div>
  );
}
