import { Code, List, Text } from '@mantine/core';
import { useRead } from '../api/queries';
import { Loaded } from '../parts/loaded';
import { Time } from '../parts/time';

interface Reader {
  readonly reader: string;
  readonly count: number;
  readonly to: string;
}

/** From the audit trail. */
export function Readers({ path }: { readonly path: string }) {
  const query = useRead<{ readonly items: readonly Reader[] }>(path);
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Text c="dimmed">Nobody lately. A read is shown here within a minute.</Text>
        ) : (
          <List size="sm">
            {items.map(({ reader, count, to }) => (
              <List.Item key={reader}>
                <Code>{reader}</Code>: {count} {count === 1 ? 'time' : 'times'}, last <Time at={to} />
              </List.Item>
            ))}
          </List>
        )
      }
    </Loaded>
  );
}
