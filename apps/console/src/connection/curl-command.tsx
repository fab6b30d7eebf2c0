import { Text } from '@mantine/core';
import { CopyText } from '../parts/copy-text';

export function CurlCommand({ path }: { readonly path: string }) {
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        With an API key of the role token reader. The browser is never given the token.
      </Text>
      <CopyText
        label="Command"
        text={`curl -s -H "Authorization: Bearer $GRANTKEEPER_KEY" ${window.location.origin}${path}/token`}
      />
    </>
  );
}
