import { Anchor, Card, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Connection } from '../api/types';
import { StatusBadge } from '../parts/status-badge';

/** The worst first. */
const order = ['reauthorization_required', 'degraded', 'pending'];
const mostShown = 50;

export function NeedsYou({
  tenant,
  connections,
}: {
  readonly tenant: string;
  readonly connections: readonly Connection[];
}) {
  const needing = order.flatMap((status) => connections.filter((one) => one.status === status));
  return (
    <section aria-label="Needs you">
      <Title order={2} size="h4" mb="sm">
        Needs you
      </Title>
      {needing.length === 0 && <Text c="dimmed">Nothing does: every connection is active.</Text>}
      <Stack gap="xs">
        {needing.slice(0, mostShown).map((connection) => (
          <Card key={connection.id} withBorder padding="sm">
            <div className="row">
              <Anchor
                component={Link}
                underline="always"
                to={`/tenants/${tenant}/connections/${connection.id}` as '/'}
              >
                {connection.id}
              </Anchor>
              <StatusBadge connection={connection} />
              <Text size="sm">{connection.last_error?.remedy ?? 'The user has not consented yet.'}</Text>
            </div>
          </Card>
        ))}
      </Stack>
      {needing.length > mostShown && <Text mt="xs">And {needing.length - mostShown} more.</Text>}
    </section>
  );
}
