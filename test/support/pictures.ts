import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { ConsolePage, Scheme } from './console-page.js';

const folder = join(import.meta.dirname, '../../docs/images');
const isWanted = process.env['UPDATE_SCREENSHOTS'] === '1';
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

type View = `${keyof typeof sizes}-${Scheme}`;

/** Pictures of the console for the documentation; taken where `UPDATE_SCREENSHOTS` is 1. */
export class Pictures {
  /** Of what the page shows now. */
  async take(console: ConsolePage, name: string, ...views: readonly View[]): Promise<void> {
    if (!isWanted) return;
    mkdirSync(folder, { recursive: true });
    for (const view of views) {
      const [size, scheme] = view.split('-') as [keyof typeof sizes, Scheme];
      await console.page.setViewportSize(sizes[size]);
      await console.emulate(scheme);
      await console.page.screenshot({ path: join(folder, `console-${name}-${view}.png`), fullPage: true });
    }
    await console.page.setViewportSize(sizes.desktop);
  }

  /** Of a page without a script, as it is. */
  async takePlain(page: Page, name: string): Promise<void> {
    if (isWanted) await page.screenshot({ path: join(folder, `console-${name}.png`) });
  }
}
