import { Button, Loader, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePages } from '../api/queries';
import { ProblemAlert } from './problem-alert';

export interface Column<Item> {
  readonly header: string;
  readonly cell: (item: Item) => ReactNode;
}

/** A list of the API as a table, which is read on page by page. */
export function PagedTable<Item extends { readonly id: string }>({
  path,
  query,
  label,
  empty,
  columns,
}: {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly label: string;
  /** In the place of the rows where there are none. */
  readonly empty: ReactNode;
  readonly columns: readonly Column<Item>[];
}) {
  const pages = usePages<Item>(path, query);
  if (pages.isPending) return <Loader role="status" aria-label="Loading" />;
  if (pages.isError && !pages.data) return <ProblemAlert error={pages.error} retry={() => pages.refetch()} />;
  const items = pages.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <Text c="dimmed">{empty}</Text>;
  return (
    <Stack>
      <section aria-label={label} className="table">
        <Table highlightOnHover verticalSpacing="xs" aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ header }) => (
                <Table.Th key={header}>{header}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Table.Tr key={item.id}>
                {columns.map(({ header, cell }) => (
                  <Table.Td key={header}>{cell(item)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      <ProblemAlert error={pages.error} />
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Stack>
  );
}
