import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** As much of curl as the banner uses, for machines that have none. */
const curlStandIn = `#!${process.execPath}
const [, , , , header, url] = process.argv;
const [name, value] = header.split(': ');
fetch(url, { headers: { [name]: value } }).then(async (response) => process.stdout.write(await response.text()));
`;

export interface ServedToken {
  readonly access_token: string;
  readonly generation: number;
}

/**
 * The output of the banner's command when a shell runs it, exactly as it stands there.
 * @param cwd where the product was started; the command may name files relative to it
 */
export function runBannerCommand(
  { lines }: { readonly lines: readonly string[] },
  cwd = process.cwd(),
): ServedToken {
  const command = lines.find((line) => line.trim().startsWith('curl ')) ?? 'false';
  const folder = mkdtempSync(join(tmpdir(), 'gk-curl-'));
  try {
    const hasCurl = spawnSync('curl', ['--version']).status === 0;
    if (!hasCurl) writeFileSync(join(folder, 'curl'), curlStandIn, { mode: 0o755 });
    const { stdout } = spawnSync('/bin/sh', ['-c', command], {
      cwd,
      encoding: 'utf8',
      env: { PATH: `${process.env['PATH']}${delimiter}${folder}` },
    });
    return JSON.parse(stdout) as ServedToken;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
