import { Code, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useRead } from '../api/queries';
import type { AuditEvent, Checkpoint } from '../api/types-of-operations';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { Time } from '../parts/time';

export function TenantAudit() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  return <Audit path={`/v1/tenants/${tenant}/audit_events`} title="Audit" />;
}

export function PlatformAudit() {
  return <Audit path="/v1/audit_events" title="Platform audit" />;
}

function Audit({ path, title }: { readonly path: string; readonly title: string }) {
  return (
    <>
      <Heading
        title={title}
        about="Append-only and chained, oldest first. The command audit verify checks the chain."
      />
      <Chain path={path} />
      <PagedTable<AuditEvent>
        path={path}
        query={{ limit: '100' }}
        label={title}
        empty="Nothing was done yet."
        columns={[
          { header: '#', cell: ({ id }) => id },
          { header: 'When', cell: ({ at }) => <Time at={at} /> },
          { header: 'Who', cell: ({ actor }) => <Code>{actor.slice(0, 40)}</Code> },
          { header: 'Act', cell: ({ action }) => action },
          { header: 'On', cell: ({ target }) => target ?? '—' },
          { header: 'Outcome', cell: ({ outcome }) => outcome },
          { header: 'What changed', cell: ({ data }) => <Changed data={data} /> },
        ]}
      />
    </>
  );
}

/** How far the chain goes; kept elsewhere, it shows later what was cut off the end. */
function Chain({ path }: { readonly path: string }) {
  const { data } = useRead<Checkpoint>(`${path}/checkpoint`);
  if (!data || data.sequence === 0) return null;
  return (
    <Text size="sm" mb="md">
      The chain has reached event {data.sequence}, at <Time at={data.at} />, with the hash{' '}
      <Code>{data.hash.slice(0, 16)}…</Code>. Workers check it every six hours, and raise an alarm where it
      was changed.
    </Text>
  );
}

function Changed({ data }: { readonly data: AuditEvent['data'] }) {
  if (Object.keys(data).length === 0) return '—';
  return (
    <details>
      <summary>{Object.keys((data['changed'] as object) ?? data).join(', ')}</summary>
      <Code block tabIndex={0}>
        {JSON.stringify(data, null, 2)}
      </Code>
    </details>
  );
}
