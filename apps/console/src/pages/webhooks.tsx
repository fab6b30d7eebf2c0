import { Anchor, Badge, Button, TextInput } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { problemOf } from '../api/problem';
import { useChange } from '../api/queries';
import type { Webhook } from '../api/types-of-operations';
import { ConfirmButton } from '../parts/confirm-button';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { ProblemAlert } from '../parts/problem-alert';
import { ShownOnce } from '../parts/shown-once';
import { Time } from '../parts/time';

export function Webhooks() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const path = `/v1/tenants/${tenant}/webhooks`;
  const [made, setMade] = useState<Webhook>();
  const remove = useChange<string>('DELETE', (id) => `${path}/${id}`);
  return (
    <>
      <Heading
        title="Webhooks"
        about="Addresses that are told when a connection changes, signed by Standard Webhooks."
      />
      <div className="stack">
        {made?.secret !== undefined && (
          <ShownOnce what="The signing secret" text={made.secret} done={() => setMade(undefined)} />
        )}
        <NewWebhook path={path} onMade={setMade} />
        <PagedTable<Webhook>
          path={path}
          label="Webhooks"
          empty="There is none yet."
          columns={[
            {
              header: 'Address',
              cell: ({ id, url }) => (
                <Anchor component={Link} to={`/tenants/${tenant}/webhooks/${id}` as '/'} underline="always">
                  {url}
                </Anchor>
              ),
            },
            { header: 'Events', cell: ({ events }) => events?.join(', ') ?? 'all' },
            { header: 'State', cell: (webhook) => <State webhook={webhook} /> },
            {
              header: 'More',
              cell: ({ id, url }) => (
                <ConfirmButton
                  label="Delete"
                  consequence={`Nothing is told to ${url} any more, and what waits for it is dropped.`}
                  act={() => remove.mutateAsync(id)}
                />
              ),
            },
          ]}
        />
      </div>
    </>
  );
}

function State({ webhook: { disabled_at, failing_since } }: { readonly webhook: Webhook }) {
  if (disabled_at !== null) return 'off: it answered 410 Gone';
  if (failing_since !== null) {
    return (
      <>
        failing since <Time at={failing_since} />
      </>
    );
  }
  return (
    <Badge variant="light" color="green" tt="none">
      on
    </Badge>
  );
}

function NewWebhook({ path, onMade }: { readonly path: string; readonly onMade: (made: Webhook) => void }) {
  const [url, setUrl] = useState('');
  const create = useChange<object, Webhook>('POST', path);
  const problem = problemOf(create.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ url }, { onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} aria-label="New webhook">
      <div className="row">
        <TextInput
          type="url"
          label="Address of the new webhook (https)"
          required
          value={url}
          error={problem?.about('url')}
          onChange={({ currentTarget }) => setUrl(currentTarget.value)}
        />
        <Button type="submit" loading={create.isPending}>
          Add webhook
        </Button>
      </div>
      <ProblemAlert error={create.error} shown={['url']} />
    </form>
  );
}
