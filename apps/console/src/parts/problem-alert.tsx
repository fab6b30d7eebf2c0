import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { problemOf } from '../api/problem';

/** A refusal in words: what happened, what the provider said, what to do. Nothing where there was none. */
export function ProblemAlert({
  error,
  shown = [],
  retry,
}: {
  readonly error: unknown;
  /** Fields beside which their error is shown already. */
  readonly shown?: readonly string[];
  readonly retry?: () => unknown;
}) {
  const problem = problemOf(error);
  if (!problem) return null;
  const { title = 'No answer', remedy } = problem.document;
  const others = problem.beyond(shown);
  return (
    <Alert color="red" title={title} role="alert">
      <Stack gap="xs">
        <Text size="sm">{problem.message}</Text>
        {problem.providerWords !== undefined && (
          <Text size="sm">The provider said: {problem.providerWords}</Text>
        )}
        {others.length > 0 && (
          <List size="sm">
            {others.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        )}
        {remedy !== undefined && (
          <Text size="sm" fw={600}>
            {remedy}
          </Text>
        )}
        {retry && (
          <Button variant="default" size="xs" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
