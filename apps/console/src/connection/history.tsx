import { Button, Loader, Text, Timeline } from '@mantine/core';
import { usePages } from '../api/queries';
import type { ConnectionEvent } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { Time } from '../parts/time';

export function History({ path }: { readonly path: string }) {
  const pages = usePages<ConnectionEvent>(path);
  if (pages.isPending) return <Loader role="status" aria-label="Loading" />;
  if (!pages.data) return <ProblemAlert error={pages.error} retry={() => pages.refetch()} />;
  const events = pages.data.pages.flatMap(({ items }) => items);
  if (events.length === 0) return <Text c="dimmed">Nothing has happened yet.</Text>;
  return (
    <>
      <Timeline bulletSize={14} active={events.length}>
        {events.map(({ id, type, at, data }) => (
          <Timeline.Item key={id} title={type.replace('connection.', '').replaceAll('_', ' ')}>
            <Text size="sm" c="dimmed">
              <Time at={at} /> {wordsOf(data)}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      {pages.hasNextPage && (
        <Button variant="default" size="xs" mt="sm" onClick={() => pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function wordsOf(data: ConnectionEvent['data']): string {
  return Object.entries(data)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`)
    .join(', ');
}
