import { Button, Code, CopyButton, Stack } from '@mantine/core';

/** A text to take away, such as a command or a key that is shown once. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <Stack gap="xs" align="flex-start">
      <Code block tabIndex={0} aria-label={label}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="xs" variant="default" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Stack>
  );
}
