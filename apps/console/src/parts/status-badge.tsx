import { Badge, Group } from '@mantine/core';
import type { Connection, Status } from '../api/types';

const colors: Record<Status, string> = {
  active: 'green',
  pending: 'gray',
  degraded: 'yellow',
  reauthorization_required: 'red',
};

export function StatusBadge({ connection }: { readonly connection: Pick<Connection, 'status' | 'paused'> }) {
  return (
    <Group gap={4}>
      <Badge variant="light" color={colors[connection.status]} tt="none">
        {wordsOf(connection.status)}
      </Badge>
      {connection.paused && (
        <Badge variant="light" color="gray" tt="none">
          paused
        </Badge>
      )}
    </Group>
  );
}

export function wordsOf(status: Status): string {
  return status.replaceAll('_', ' ');
}
