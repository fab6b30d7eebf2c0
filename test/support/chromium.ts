import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** The package brings one for Linux on x64. */
export const hasChromium = process.platform === 'linux' && process.arch === 'x64';

/** They would switch off what is tested, or are for a place without processes. */
const unwanted =
  /web-security|insecure-content|site-isolation|single-process|no-zygote|disable-features|angle|swiftshader|gpu/;

/** With the packages, so that another version of the package is unpacked anew. */
const caches = join(import.meta.dirname, '../../node_modules/.cache');

export async function startChromium(): Promise<Browser> {
  return playwright.launch({
    executablePath: await unpackedChromium(join(caches, 'chromium')),
    // Drawn without a simulated graphics card, which costs more than the pages.
    args: [...chromium.args.filter((argument) => !unwanted.test(argument)), '--disable-gpu'],
  });
}

/**
 * Unpacks the browser once for all suites. Suites begin side by side, and the package gives a file that another
 * process is still writing: so each unpacks into a folder of its own, and the first to finish names its folder.
 */
async function unpackedChromium(folder: string): Promise<string> {
  if (!existsSync(folder)) {
    mkdirSync(caches, { recursive: true });
    const own = mkdtempSync(`${folder}-`);
    await unpackInto(own);
    try {
      renameSync(own, folder);
    } catch {
      rmSync(own, { recursive: true });
    }
  }
  return join(folder, 'chromium');
}

/** In a process of its own, because the package unpacks into the folder for temporary files, wherever that is. */
async function unpackInto(folder: string): Promise<void> {
  const script = `import chromium from '${import.meta.resolve('@sparticuz/chromium')}'; await chromium.executablePath();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: folder },
  });
}
