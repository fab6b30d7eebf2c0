import { Table, Text } from '@mantine/core';
import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useRead } from '../api/queries';
import { Loaded } from '../parts/loaded';
import { type Hour, hoursOf, type Item, kinds } from './hours-of';

/** What happened to connections by hour: as a chart, and as a table for those whom a chart tells nothing. */
export function Activity({ tenant }: { readonly tenant: string }) {
  const query = useRead<{ readonly items: readonly Item[] }>(`/v1/tenants/${tenant}/activity`);
  return (
    <Loaded query={query}>
      {({ items }) => {
        const hours = hoursOf(items, Date.now());
        if (hours.every((hour) => kinds.every(({ name }) => hour[name] === 0)))
          return <Text c="dimmed">No grant was connected, failed or ended.</Text>;
        return (
          <>
            <div className="chart" aria-hidden="true">
              <Chart hours={hours} />
            </div>
            <details>
              <summary>As a table</summary>
              <AsTable hours={hours} />
            </details>
          </>
        );
      }}
    </Loaded>
  );
}

function Chart({ hours }: { readonly hours: readonly Hour[] }) {
  return (
    <ResponsiveContainer width="100%" height={220}>
      <BarChart data={[...hours]} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--mantine-color-default-border)" />
        <XAxis dataKey="at" stroke="currentColor" fontSize={12} />
        <YAxis allowDecimals={false} width={36} stroke="currentColor" fontSize={12} />
        <Tooltip contentStyle={{ background: 'var(--mantine-color-body)' }} />
        <Legend />
        {kinds.map(({ name, color }) => (
          <Bar key={name} dataKey={name} stackId="all" fill={color} isAnimationActive={false} />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

function AsTable({ hours }: { readonly hours: readonly Hour[] }) {
  return (
    <Table aria-label="By hour" maw={520}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>From</Table.Th>
          {kinds.map(({ name }) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {hours.map((hour) => (
          <Table.Tr key={hour.at}>
            <Table.Td>{hour.at}</Table.Td>
            {kinds.map(({ name }) => (
              <Table.Td key={name}>{hour[name]}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
