import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { onboard } from '../support/onboarding.js';
import { readDocument, shellBlocks } from './documents.js';

const blocks = shellBlocks(readDocument('README.md')).filter((block) => block.includes('curl'));
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Every command of the README, in its order, as a person would paste it; only the port is another. */
(hasCurl ? describe : describe.skip)('the commands of the README', () => {
  let installation: Installation;
  let api: Api;
  let folder: string;

  beforeAll(async () => {
    installation = await startInstallation();
    api = await installation.startApi();
    const { readerKey } = await onboard(api.admin, { tenant: 'demo', connection: 'contact-center' });
    folder = mkdtempSync(join(tmpdir(), 'gk-readme-'));
    mkdirSync(join(folder, '.data'));
    writeFileSync(join(folder, '.data/admin-key'), `${installation.adminKey}\n`);
    writeFileSync(join(folder, '.data/demo-key'), `${readerKey}\n`);
  }, 60_000);
  afterAll(async () => {
    await installation?.close();
    rmSync(folder, { recursive: true });
  });

  /** The JSON documents that a block prints, one a line. */
  const paste = (block: string | undefined) => {
    const command = (block ?? '').replaceAll('http://127.0.0.1:3000', api.origin);
    const result = spawnSync('/bin/sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    return result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const token = expect.objectContaining({ access_token: expect.any(String), generation: 1 });

  it('print the token of the demo tenant', () => {
    expect(paste(blocks[0])).toEqual([token]);
  });

  it('onboard a tenant with Vonage Contact Center', () => {
    expect(paste(blocks[1])).toEqual([
      expect.objectContaining({ id: 'acme' }),
      expect.objectContaining({ id: 'contact-center', provider: 'vonage-contact-center' }),
      expect.objectContaining({ status: 'active' }),
      token,
    ]);
  });

  it('do the same for Net2Phone Canada', () => {
    expect(paste(blocks[2])).toEqual([
      expect.objectContaining({ id: 'net2phone', provider: 'net2phone-canada' }),
      expect.objectContaining({ status: 'active' }),
      token,
    ]);
  });

  it('make a key that reads one token', () => {
    expect(paste(blocks[3])).toEqual([token]);
  });

  it('are refused as the README shows', () => {
    const answers = [...readDocument('README.md').matchAll(/^```json\n(.*?)^```$/gms)];
    const shown = answers.map(([, json = '']) => JSON.parse(json)).find(({ code }) => code !== undefined);
    expect(paste(blocks[4])).toEqual([shown]);
  });

  it('are all of them', () => {
    expect(blocks).toHaveLength(5);
  });
});
