import { Anchor, Card, Group, Loader, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { AtAGlance } from '../overview/at-a-glance';
import { NeedsYou } from '../overview/needs-you';
import { readingConnections, tally } from '../overview/read-connections';
import { Heading } from '../parts/heading';
import { ProblemAlert } from '../parts/problem-alert';
import { StatusBadge } from '../parts/status-badge';
import { WhenNear } from '../parts/when-near';

/** The charts are larger than the rest of the page. */
const Activity = lazy(() => import('../overview/activity').then((file) => ({ default: file.Activity })));

const statuses = ['active', 'pending', 'degraded', 'reauthorization_required'] as const;

/** What needs somebody comes first; then numbers. */
export function Overview() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const query = useQuery(readingConnections(tenant));
  if (query.isPending) return <Loader role="status" aria-label="Loading" />;
  if (!query.data) return <ProblemAlert error={query.error} retry={() => query.refetch()} />;
  const { connections, isAll } = query.data;
  if (connections.length === 0) return <FirstSteps tenant={tenant} />;
  return (
    <>
      <Heading
        title="Overview"
        about={isAll ? undefined : `Of the first ${connections.length} connections.`}
      />
      <Stack gap="xl">
        <NeedsYou tenant={tenant} connections={connections} />
        <AtAGlance tenant={tenant} />
        <section>
          <Title order={2} size="h4" mb="sm">
            By status
          </Title>
          <div className="tiles">
            {statuses.map((status) => (
              <Card key={status} withBorder>
                <Group justify="space-between">
                  <StatusBadge connection={{ status, paused: false }} />
                  <Text fw={700} size="xl">
                    {connections.filter((one) => one.status === status).length}
                  </Text>
                </Group>
              </Card>
            ))}
          </div>
        </section>
        <section>
          <Title order={2} size="h4" mb="sm">
            By provider
          </Title>
          <Table aria-label="By provider" maw={720}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Provider</Table.Th>
                <Table.Th>Connections</Table.Th>
                <Table.Th>Of them active</Table.Th>
                <Table.Th>Fails with</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tally(connections).map(({ provider, all, active, errors }) => (
                <Table.Tr key={provider}>
                  <Table.Td>{provider}</Table.Td>
                  <Table.Td>{all}</Table.Td>
                  <Table.Td>{active}</Table.Td>
                  <Table.Td>{errors.join(', ') || '—'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
        <section>
          <Title order={2} size="h4" mb="sm">
            The last 24 hours
          </Title>
          <WhenNear className="activity">
            <Suspense fallback={<Loader role="status" aria-label="Loading" />}>
              <Activity tenant={tenant} />
            </Suspense>
          </WhenNear>
        </section>
      </Stack>
    </>
  );
}

function FirstSteps({ tenant }: { readonly tenant: string }) {
  return (
    <>
      <Heading title="Overview" about="There is no connection yet." />
      <Text>
        First{' '}
        <Anchor component={Link} underline="always" to={`/tenants/${tenant}/credentials/new` as '/'}>
          store the client credentials
        </Anchor>{' '}
        that a provider has given to this tenant; the first connection follows from them.
      </Text>
    </>
  );
}
