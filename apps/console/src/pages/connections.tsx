import { Anchor, Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Connection } from '../api/types';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { StatusBadge } from '../parts/status-badge';
import { Time } from '../parts/time';

const statuses = [
  { value: '', label: 'Any' },
  { value: 'active', label: 'Active' },
  { value: 'pending', label: 'Pending' },
  { value: 'degraded', label: 'Degraded' },
  { value: 'reauthorization_required', label: 'Reauthorization required' },
];
const texts = [
  ['id_prefix', 'Id begins with'],
  ['provider', 'Provider'],
  ['credential', 'Client credentials'],
  ['account', 'Account (id or email)'],
  ['subject', 'Subject'],
  ['label', 'Label (key:value)'],
] as const;

export function Connections() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const [filter, setFilter] = useState<Record<string, string>>({});
  const [query] = useDebouncedValue(filter, 300);
  return (
    <>
      <Heading title="Connections" about="Each is one grant at a provider, kept alive.">
        <Button component={Link} variant="default" to={`/tenants/${tenant}/import` as '/'}>
          Import
        </Button>
        <Button component={Link} to={`/tenants/${tenant}/connections/new` as '/'}>
          New connection
        </Button>
      </Heading>
      <Group mb="lg" align="flex-end" component="search" className="filters">
        <NativeSelect
          label="Status"
          data={statuses}
          value={filter['status'] ?? ''}
          onChange={({ currentTarget: { value } }) => setFilter({ ...filter, status: value })}
        />
        {texts.map(([name, label]) => (
          <TextInput
            key={name}
            label={label}
            value={filter[name] ?? ''}
            onChange={({ currentTarget: { value } }) =>
              setFilter({ ...filter, [name]: name === 'id_prefix' ? value.toLowerCase() : value })
            }
          />
        ))}
        <TextInput
          type="date"
          label="Access token ends before"
          value={(filter['expires_before'] ?? '').slice(0, 10)}
          onChange={({ currentTarget: { value } }) =>
            setFilter({ ...filter, expires_before: value && `${value}T00:00:00Z` })
          }
        />
      </Group>
      <PagedTable<Connection>
        path={`/v1/tenants/${tenant}/connections`}
        query={query}
        label="Connections"
        empty={
          Object.values(query).some(Boolean)
            ? 'No connection is like that.'
            : 'There is no connection yet. Make one from client credentials.'
        }
        columns={[
          {
            header: 'Connection',
            cell: ({ id }) => (
              <Anchor component={Link} to={`/tenants/${tenant}/connections/${id}` as '/'} underline="always">
                {id}
              </Anchor>
            ),
          },
          { header: 'Status', cell: (connection) => <StatusBadge connection={connection} /> },
          { header: 'Provider', cell: ({ provider }) => provider },
          {
            header: 'Account or subject',
            cell: ({ account, subject }) => account?.email ?? account?.id ?? subject ?? '—',
          },
          { header: 'Token ends', cell: ({ access_token_expires_at: at }) => <Time at={at} /> },
          { header: 'Grant ends', cell: ({ refresh_token_expires_at: at }) => <Time at={at} /> },
        ]}
      />
    </>
  );
}
