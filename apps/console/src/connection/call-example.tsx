import { NativeSelect, Text } from '@mantine/core';
import { useState } from 'react';
import { CopyText } from '../parts/copy-text';

const examples: Readonly<Record<string, (url: string) => string>> = {
  curl: (url) => `curl -s -H "Authorization: Bearer $GRANTKEEPER_KEY" ${url}`,
  'Node.js': (url) => `const response = await fetch('${url}', {
  headers: { authorization: \`Bearer \${process.env.GRANTKEEPER_KEY}\` },
});
const { access_token } = await response.json();`,
  Python: (url) => `import json, os, urllib.request

request = urllib.request.Request(
    "${url}",
    headers={"Authorization": f"Bearer {os.environ['GRANTKEEPER_KEY']}"},
)
access_token = json.load(urllib.request.urlopen(request))["access_token"]`,
  Java: (url) => `var request = HttpRequest.newBuilder(URI.create("${url}"))
    .header("Authorization", "Bearer " + System.getenv("GRANTKEEPER_KEY"))
    .build();
var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());`,
};

/** How a program reads the token of a connection. */
export function CallExample({ path }: { readonly path: string }) {
  const [language, setLanguage] = useState('curl');
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        With an API key of the role token reader. The browser is never given the token.
      </Text>
      <NativeSelect
        label="Language"
        maw={240}
        mb="xs"
        data={Object.keys(examples)}
        value={language}
        onChange={({ currentTarget }) => setLanguage(currentTarget.value)}
      />
      <CopyText label="Command" text={examples[language]?.(`${window.location.origin}${path}/token`) ?? ''} />
    </>
  );
}
