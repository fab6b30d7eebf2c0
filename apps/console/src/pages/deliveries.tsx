import { Button, NativeSelect } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../api/queries';
import type { Delivery } from '../api/types-of-operations';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { ProblemAlert } from '../parts/problem-alert';
import { Time } from '../parts/time';

export function Deliveries() {
  const { tenant = '', webhook = '' }: { readonly tenant?: string; readonly webhook?: string } = useParams({
    strict: false,
  });
  const path = `/v1/tenants/${tenant}/webhooks/${webhook}/deliveries`;
  const [status, setStatus] = useState('');
  const resend = useChange<string>('POST', (id) => `/v1/tenants/${tenant}/deliveries/${id}/resend`);
  return (
    <>
      <Heading title="Deliveries" about="What was told to this webhook, and what came of it." />
      <div className="stack">
        <NativeSelect
          label="Status"
          maw={240}
          data={[{ value: '', label: 'Any' }, 'pending', 'delivered', 'dead']}
          value={status}
          onChange={({ currentTarget }) => setStatus(currentTarget.value)}
        />
        <ProblemAlert error={resend.error} />
        <PagedTable<Delivery>
          path={path}
          query={{ status }}
          label="Deliveries"
          empty="Nothing was told yet."
          columns={[
            { header: 'Event', cell: ({ type }) => type },
            { header: 'Connection', cell: ({ connection }) => connection },
            { header: 'Status', cell: ({ status: state }) => state },
            { header: 'Attempts', cell: ({ attempts }) => attempts },
            {
              header: 'Last answer',
              cell: ({ last_status, last_error }) => last_status ?? last_error ?? '—',
            },
            { header: 'Next attempt', cell: ({ next_attempt_at }) => <Time at={next_attempt_at} /> },
            { header: 'Made', cell: ({ created_at }) => <Time at={created_at} /> },
            {
              header: 'More',
              cell: ({ id }) => (
                <Button size="xs" variant="default" onClick={() => resend.mutate(id)}>
                  Resend
                </Button>
              ),
            },
          ]}
        />
      </div>
    </>
  );
}
