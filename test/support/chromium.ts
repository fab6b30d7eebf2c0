import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** The package brings one for Linux on x64. */
export const hasChromium = process.platform === 'linux' && process.arch === 'x64';

/** They would switch off what is tested, or are for a place without processes. */
const unwanted = /web-security|insecure-content|site-isolation|single-process|no-zygote|disable-features/;

export async function startChromium(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((argument) => !unwanted.test(argument)),
  });
}
