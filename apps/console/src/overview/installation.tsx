import { Table, Text, Title } from '@mantine/core';
import { useRead } from '../api/queries';
import type { ProviderOfInstallation } from '../api/types-of-operations';
import { Loaded } from '../parts/loaded';
import { failuresInWords, latenessInWords } from './health-words';

/** Each provider across all tenants, for an operator. */
export function Installation() {
  const query = useRead<{ readonly providers: readonly ProviderOfInstallation[] }>('/v1/overview');
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        Providers of all tenants
      </Title>
      <Loaded query={query}>
        {({ providers }) =>
          providers.length === 0 ? <Text>There is no connection yet.</Text> : <Rows providers={providers} />
        }
      </Loaded>
    </section>
  );
}

function Rows({ providers }: { readonly providers: readonly ProviderOfInstallation[] }) {
  return (
    <section className="table" aria-label="Providers of all tenants">
      <Table aria-label="Providers of all tenants" maw={960}>
        <Table.Thead>
          <Table.Tr>
            {['Provider', 'Connections', 'Of them active', 'Failures of the last hour', 'Waiting'].map(
              (header) => (
                <Table.Th key={header}>{header}</Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {providers.map(({ provider, connections, failures, ...waiting }) => (
            <Table.Tr key={provider}>
              <Table.Td>{provider}</Table.Td>
              <Table.Td>{Object.values(connections).reduce((sum, count) => sum + count, 0)}</Table.Td>
              <Table.Td>{connections['active'] ?? 0}</Table.Td>
              <Table.Td>{failuresInWords(failures)}</Table.Td>
              <Table.Td>{latenessInWords(waiting)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
