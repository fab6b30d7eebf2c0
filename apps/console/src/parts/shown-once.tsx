import { Alert, Button, Stack } from '@mantine/core';
import { CopyText } from './copy-text';

/** A secret of this installation that only the answer to its creation has. */
export function ShownOnce({
  what,
  text,
  done,
}: {
  readonly what: string;
  readonly text: string;
  readonly done: () => void;
}) {
  return (
    <Alert color="yellow" role="status" title={`${what}, shown this once`}>
      <Stack align="flex-start">
        <CopyText label={what} text={text} />
        <Button size="xs" onClick={done}>
          I have kept it
        </Button>
      </Stack>
    </Alert>
  );
}
