import { Anchor, Button, Group, Text } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/client';
import { problemOf } from '../api/problem';
import { useChange } from '../api/queries';
import type { Credential } from '../api/types';
import { ConfirmButton } from '../parts/confirm-button';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { Time } from '../parts/time';

interface Verification {
  readonly ok: boolean | null;
  readonly error?: { readonly remedy: string; readonly error?: string };
}

export function Credentials() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const path = `/v1/tenants/${tenant}/credentials`;
  const remove = useChange<string>('DELETE', (id) => `${path}/${id}`);
  return (
    <>
      <Heading title="Client credentials" about="What the tenant is at a provider. Secrets are never shown.">
        <Button component={Link} to={`/tenants/${tenant}/credentials/new` as '/'}>
          New client credentials
        </Button>
      </Heading>
      <PagedTable<Credential>
        path={path}
        label="Client credentials"
        empty="There are none yet. A connection needs them first."
        columns={[
          { header: 'Id', cell: ({ id }) => id },
          { header: 'Provider', cell: ({ provider, settings }) => String(settings['preset'] ?? provider) },
          { header: 'Client id', cell: ({ client_id }) => client_id },
          { header: 'Made', cell: ({ created_at }) => <Time at={created_at} /> },
          { header: 'Check', cell: ({ id }) => <Verify path={`${path}/${id}/verify`} id={id} /> },
          {
            header: 'More',
            cell: ({ id }) => (
              <Group gap="xs">
                <Anchor
                  component={Link}
                  underline="always"
                  to={`/tenants/${tenant}/connections/new` as '/'}
                  search={{ credential: id } as never}
                >
                  Connect
                </Anchor>
                <ConfirmButton
                  label={`Delete ${id}`}
                  consequence="The secrets are deleted. It is refused while connections use them."
                  act={() => remove.mutateAsync(id)}
                />
              </Group>
            ),
          },
        ]}
      />
    </>
  );
}

function Verify({ path, id }: { readonly path: string; readonly id: string }) {
  const [words, setWords] = useState<string>();
  const verify = async () => {
    setWords('asking…');
    const answer = await call<Verification>('POST', path).catch(problemOf);
    setWords(answer && 'ok' in answer ? wordsOf(answer) : answer?.message);
  };
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" onClick={verify} aria-label={`Verify ${id}`}>
        Verify
      </Button>
      <Text size="sm" role="status">
        {words}
      </Text>
    </Group>
  );
}

function wordsOf({ ok, error }: Verification): string {
  if (ok === null) return 'only a user could tell';
  return ok ? 'the provider takes them' : `refused: ${error?.error ?? ''} ${error?.remedy ?? ''}`;
}
