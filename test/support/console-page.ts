import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { eventually } from '#testing';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const dialogsAreThere =
  "[...document.querySelectorAll('[role=dialog]')].every((one) => getComputedStyle(one).opacity === '1')";

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

export type Scheme = 'light' | 'dark';

/** One window of the console, as a person uses it: what is clicked and filled goes by what it says. */
export class ConsolePage {
  /** How often it was clicked. */
  clicks = 0;

  constructor(readonly page: Page) {}

  click(name: string | RegExp): Promise<void> {
    this.clicks += 1;
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  follow(name: string | RegExp): Promise<void> {
    this.clicks += 1;
    return this.page.getByRole('link', { name, exact: true }).first().click();
  }

  fill(label: string, text: string): Promise<void> {
    return this.page.getByLabel(label).first().fill(text);
  }

  /** Fields of a schema, by their names there. */
  async fillFields(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) {
      const field = this.page.locator(`[name="${name}"]`);
      if (!(await field.isVisible())) await this.page.locator('details:not([open]) > summary').click();
      const tag = await field.evaluate(({ tagName }) => tagName);
      await (tag === 'SELECT' ? field.selectOption(value) : field.fill(value));
    }
  }

  /** From the navigation to the form of a new connection. */
  async newCredential(provider: string, id: string, fields: Readonly<Record<string, string>>): Promise<void> {
    await this.follow('Client credentials');
    await this.follow('New client credentials');
    const [search, option = search] = provider.split(' / ');
    await this.fill('Search providers', search ?? '');
    await this.choose('Provider', option ?? '');
    await this.page.getByRole('textbox', { name: 'Id', exact: true }).fill(id);
    await this.fillFields(fields);
    await this.click('Save client credentials');
    await this.heading('New connection');
  }

  /** On the form of a new connection. */
  async connect(grant: string, id: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.choose('Grant', grant);
    await this.page.getByRole('textbox', { name: 'Id', exact: true }).fill(id);
    await this.fillFields(fields);
    await this.click('Connect');
    await this.heading(id);
  }

  async choose(label: string, value: string): Promise<void> {
    await this.page.getByRole('combobox', { name: label, exact: true }).selectOption(value);
  }

  heading(name: string): Promise<void> {
    return this.page.getByRole('heading', { name, exact: true }).waitFor();
  }

  says(text: string | RegExp): Promise<void> {
    return this.page.getByRole('status').getByText(text).first().waitFor();
  }

  async signIn(origin: string, key: string): Promise<void> {
    await this.page.goto(`${origin}/console`);
    await this.fill('API key', key);
    await this.click('Sign in');
  }

  async emulate(colorScheme: Scheme): Promise<void> {
    await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await this.page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
  }

  /** Barriers that axe calls serious or critical. */
  async barriers(...schemes: readonly Scheme[]): Promise<string[]> {
    const found: string[] = [];
    for (const scheme of schemes) {
      await this.emulate(scheme);
      // While a dialog fades in, its colours have no contrast yet. The policy of the page lets no script of ours wait inside.
      await eventually(async () => expect(await this.page.evaluate(dialogsAreThere)).toBe(true));
      found.push(...(await barriersNow(this.page)).map((barrier) => `${scheme} ${barrier}`));
    }
    return found;
  }
}

/** Of the page as it is. */
export async function barriersNow(page: Page): Promise<string[]> {
  // Not in every page from the start: it is larger than the console.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(`${axe};0`);
  const violations = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: Violation[] }> };
    };
    return (await checker.run({ resultTypes: ['violations'] })).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Hosts that a context has asked, and what its windows complained of. */
export class Watched {
  readonly hosts = new Set<string>();
  readonly complaints: string[] = [];

  watch(page: Page): void {
    page.on('request', (request) => this.hosts.add(new URL(request.url()).origin));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A refusal is shown on the page, and the browser notes each too.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.complaints.push(message.text());
    });
  }
}

export async function openConsole(context: BrowserContext, watched?: Watched): Promise<ConsolePage> {
  context.setDefaultTimeout(Number(process.env['PAGE_MS'] ?? 20_000));
  const page = await context.newPage();
  watched?.watch(page);
  return new ConsolePage(page);
}
