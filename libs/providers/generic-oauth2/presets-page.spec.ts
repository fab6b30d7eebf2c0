import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { ProviderPreset } from '#provider-kit';
import { presets } from './presets.js';
import { markdownTable } from './settings-document.js';

const page = join(import.meta.dirname, '../../../docs/presets.md');

/** Written anew by `UPDATE_DOCS=1 npm test -- presets-page`. */
it('docs/presets.md tells of the files in presets/, and of nothing else', () => {
  const wanted = pageOf([...presets.values()]);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8')).toBe(wanted);
});

function pageOf(all: readonly ProviderPreset[]): string {
  return `# Presets

Settings of ${all.length} well-known servers for \`generic-oauth2\`, each one file in
[libs/providers/generic-oauth2/presets](../libs/providers/generic-oauth2/presets). \`GET /v1/presets\` has them in full. This
page is made from the files: \`UPDATE_DOCS=1 npm test -- presets-page\`.

A credential names one as \`settings.preset\` and fills in what it leaves open as \`settings.preset_inputs\`:

\`\`\`json
{
  "provider": "generic-oauth2",
  "client_id": "…",
  "client_secret": "…",
  "settings": { "preset": "zendesk", "preset_inputs": { "subdomain": "acme" } }
}
\`\`\`

Settings given beside it go before those of the preset. An input that is missing or does not fit is a 400 that names
\`settings.preset_inputs.<name>\`; changing one needs the client's secret, since it is a part of the addresses.

Each row links the vendor's page on its OAuth server, and the facts are what is publicly known of it. **Verified** means that
somebody has got a token with the preset from the real server; the others have only been tried on the sandbox, bent as the
preset says. Where one is wrong, the setting given beside it helps at once; please report it.

${markdownTable([['preset', 'server', 'first grants', 'to fill in', 'besides the addresses', 'verified'], ...all.map(rowOf)])}

## Remarks

${all.flatMap(({ id, remark }) => (remark === undefined ? [] : [`- \`${id}\`: ${remark}`])).join('\n')}
`;
}

function rowOf({
  id,
  title,
  documentation_url,
  grants,
  inputs,
  settings,
  verified,
}: ProviderPreset): string[] {
  return [
    `\`${id}\``,
    `[${title}](${documentation_url})`,
    code(grants),
    Object.entries(inputs)
      .map(([name, input]) => `\`${name}\`${input.default === undefined ? '' : ` (\`${input.default}\`)`}`)
      .join(', '),
    code(
      Object.keys(settings).filter(
        (name) => !/^(?:issuer|(?:token|authorization|revocation)_endpoint)$/.test(name),
      ),
    ),
    verified ? 'yes' : 'no',
  ];
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
