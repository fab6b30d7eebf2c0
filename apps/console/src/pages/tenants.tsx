import { Anchor, Badge, Button, Card, Group, Stack, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { problemOf } from '../api/problem';
import { useChange } from '../api/queries';
import type { Tenant } from '../api/types';
import { Installation } from '../overview/installation';
import { Heading } from '../parts/heading';
import { PagedTable } from '../parts/paged-table';
import { ProblemAlert } from '../parts/problem-alert';
import { Time } from '../parts/time';

export function Tenants() {
  return (
    <>
      <Heading title="Tenants" about="Each has its own keys, client credentials and connections." />
      <Stack gap="xl">
        <PagedTable<Tenant>
          path="/v1/tenants"
          label="Tenants"
          empty="There is no tenant yet. Make the first one below."
          columns={[
            {
              header: 'Tenant',
              cell: ({ id }) => (
                <Anchor component={Link} to={`/tenants/${id}` as '/'} underline="always">
                  {id}
                </Anchor>
              ),
            },
            { header: 'Name', cell: ({ name }) => name },
            {
              header: 'State',
              cell: ({ disabled }) => (
                <Badge variant="light" tt="none" color={disabled ? 'red' : 'green'}>
                  {disabled ? 'disabled' : 'enabled'}
                </Badge>
              ),
            },
            { header: 'Made', cell: ({ created_at }) => <Time at={created_at} /> },
          ]}
        />
        <NewTenant />
        <Installation />
      </Stack>
    </>
  );
}

function NewTenant() {
  const [tenant, setTenant] = useState({ id: '', name: '' });
  const navigate = useNavigate();
  const create = useChange<typeof tenant>('POST', '/v1/tenants');
  const problem = problemOf(create.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(tenant, {
      onSuccess: () => navigate({ to: '/tenants/$tenant', params: { tenant: tenant.id } }),
    });
  };
  return (
    <Card withBorder component="section" aria-label="New tenant">
      <form onSubmit={submit}>
        <Group align="flex-start">
          <TextInput
            label="Id of the new tenant"
            description="Part of addresses: a-z, 0-9 and -"
            required
            value={tenant.id}
            error={problem?.about('id')}
            onChange={({ currentTarget: { value } }) => setTenant({ ...tenant, id: value })}
          />
          <TextInput
            label="Name"
            description="For people"
            required
            value={tenant.name}
            error={problem?.about('name')}
            onChange={({ currentTarget: { value } }) => setTenant({ ...tenant, name: value })}
          />
          <Button type="submit" loading={create.isPending} mt={44}>
            Make tenant
          </Button>
        </Group>
        <ProblemAlert error={create.error} shown={['id', 'name']} />
      </form>
    </Card>
  );
}
