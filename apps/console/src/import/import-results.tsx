import { Badge, Table, Text } from '@mantine/core';
import type { RowResult } from './import-row';

const colors = { refused: 'red', made: 'green', 'would be made': 'green' } as const;

const kinds = ['made', 'would be made', 'waits for its user', 'is there already', 'refused'] as const;

/** What is refused comes first; the numbers are above. */
export function ImportResults({ results }: { readonly results: readonly RowResult[] }) {
  const numbers = kinds
    .map((kind) => [results.filter(({ result }) => result === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}`);
  const isRefused = ({ result }: RowResult) => Number(result === 'refused');
  const sorted = results.toSorted((a, b) => isRefused(b) - isRefused(a) || Number(a.id) - Number(b.id));
  return (
    <>
      <Text role="status">{numbers.join(', ')}</Text>
      <section className="table" aria-label="Result of each row">
        <Table aria-label="Result of each row">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Line</Table.Th>
              <Table.Th>Connection</Table.Th>
              <Table.Th>Result</Table.Th>
              <Table.Th>Why</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map(({ id, connection, result, detail }) => (
              <Table.Tr key={id}>
                <Table.Td>{id}</Table.Td>
                <Table.Td>{connection}</Table.Td>
                <Table.Td>
                  <Badge
                    variant="light"
                    tt="none"
                    color={result in colors ? colors[result as 'made'] : 'gray'}
                  >
                    {result}
                  </Badge>
                </Table.Td>
                <Table.Td>{detail ?? '—'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </>
  );
}
