import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useEffect } from 'react';

/** Of a page: its title, also that of the window, and the acts that it offers. */
export function Heading({
  title,
  about,
  children,
}: {
  readonly title: string;
  readonly about?: ReactNode;
  readonly children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Grantkeeper`;
  }, [title]);
  return (
    <header>
      <Group justify="space-between" mb={about === undefined ? 'lg' : 'xs'}>
        <Title order={1} size="h2">
          {title}
        </Title>
        <Group gap="xs">{children}</Group>
      </Group>
      {about !== undefined && (
        <Text c="dimmed" mb="lg">
          {about}
        </Text>
      )}
    </header>
  );
}
