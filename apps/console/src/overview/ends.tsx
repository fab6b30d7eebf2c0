import { Anchor, Card, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Connection } from '../api/types';
import { Time } from '../parts/time';

const dayMs = 86_400_000;
const spans = [1, 7, 14, 90] as const;
const mostShown = 5;

/** Grants by how soon they end unless a user consents anew; each is in the first span that it fits. */
export function Ends({
  tenant,
  connections,
}: {
  readonly tenant: string;
  readonly connections: readonly Connection[];
}) {
  const nowMs = Date.now();
  const ending = connections
    .flatMap(({ id, refresh_token_expires_at: at }) =>
      at === null ? [] : [{ id, at, inDays: (Date.parse(at) - nowMs) / dayMs }],
    )
    .sort((a, b) => a.inDays - b.inDays);
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        Grants that end, unless they are renewed
      </Title>
      <div className="tiles">
        {spans.map((days, index) => {
          const within = ending.filter(
            ({ inDays }) => inDays <= days && inDays > (spans[index - 1] ?? Number.NEGATIVE_INFINITY),
          );
          return (
            <Card key={days} withBorder>
              <Text fw={600}>
                Within {days} {days === 1 ? 'day' : 'days'}: {within.length}
              </Text>
              <Stack gap={2}>
                {within.slice(0, mostShown).map(({ id, at }) => (
                  <Text size="sm" key={id}>
                    <Anchor
                      component={Link}
                      size="sm"
                      underline="always"
                      to={`/tenants/${tenant}/connections/${id}` as '/'}
                    >
                      {id}
                    </Anchor>{' '}
                    <Time at={at} />
                  </Text>
                ))}
              </Stack>
            </Card>
          );
        })}
      </div>
    </section>
  );
}
