import { Badge, Table, Text, Title } from '@mantine/core';
import type { UpstreamHealth } from '../api/types-of-operations';
import { failuresInWords, latenessInWords } from './health-words';

/** Each server that issues tokens to the tenant, as the database knows it: no process tells another of its breaker. */
export function ProviderHealth({ upstreams }: { readonly upstreams: readonly UpstreamHealth[] }) {
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        Providers in the last hour
      </Title>
      <section className="table" aria-label="Providers in the last hour">
        <Table aria-label="Providers in the last hour">
          <Table.Thead>
            <Table.Tr>
              {['Server', 'State', 'Renewals', 'Half took', '95 of 100 took', 'Failures', 'Waiting'].map(
                (header) => (
                  <Table.Th key={header}>{header}</Table.Th>
                ),
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {upstreams.map((one) => (
              <Table.Tr key={one.upstream}>
                <Table.Td>{one.upstream}</Table.Td>
                <Table.Td>
                  <State answers={one.answers} />
                </Table.Td>
                <Table.Td>{one.renewals}</Table.Td>
                <Table.Td>{duration(one.p50_ms)}</Table.Td>
                <Table.Td>{duration(one.p95_ms)}</Table.Td>
                <Table.Td>{failuresInWords(one.failures)}</Table.Td>
                <Table.Td>{latenessInWords(one)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      <Text size="sm" c="dimmed" mt="xs">
        A server that is down is asked less and less often, by each process for itself, until it answers
        again; the metric grantkeeper_breakers_open has the number. Renewals are counted among the newest
        tokens, and timed from the request to the tokens in the database.
      </Text>
    </section>
  );
}

function State({ answers }: Pick<UpstreamHealth, 'answers'>) {
  if (answers === null) return 'not asked';
  return (
    <Badge variant="light" tt="none" miw="max-content" color={answers ? 'green' : 'red'}>
      {answers ? 'answers' : 'down'}
    </Badge>
  );
}

function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '—';
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}
