import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Heading } from '../parts/heading';

export function NotFound() {
  return (
    <>
      <Heading title="There is nothing here" />
      <Text>
        The address names no page of the console.{' '}
        <Anchor component={Link} to="/" underline="always">
          Go to the first page
        </Anchor>
        .
      </Text>
    </>
  );
}
