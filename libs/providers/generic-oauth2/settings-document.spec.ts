import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { answerSettings } from './answer.schemas.js';
import { clientAuthSettings } from './client-auth.schemas.js';
import { endpointSettings } from './endpoint.schemas.js';
import { errorSettings } from './error.schemas.js';
import { requestSettings } from './request.schemas.js';
import { serverSettings } from './server-settings.schemas.js';
import { documentSettings, settingsTable } from './settings-document.js';

const file = join(process.cwd(), 'docs/generic-oauth2.md');
const sections = {
  endpoints: endpointSettings,
  'client-authentication': clientAuthSettings,
  requests: requestSettings,
  answers: answerSettings,
  errors: errorSettings,
};

/** With `UPDATE_DOCUMENT=1` the tables are written anew. */
function withTables(document: string): string {
  return Object.entries(sections).reduce((text, [name, settings]) => {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end);
    if (from < begin.length || to < from) throw new Error(`docs/generic-oauth2.md has no place for ${name}.`);
    return `${text.slice(0, from)}\n${settingsTable(settings)}\n${text.slice(to)}`;
  }, document);
}

/** The formatter pads the cells of a table. */
function unpadded(document: string): string {
  return document.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---');
}

describe('docs/generic-oauth2.md', () => {
  it('has every setting, as the schema declares it', () => {
    const document = readFileSync(file, 'utf8');
    const wanted = withTables(document);
    if (process.env['UPDATE_DOCUMENT'] === '1') writeFileSync(file, wanted);
    else expect(unpadded(document)).toBe(unpadded(wanted));
  });

  it('leaves out none: each is in one section, with a title and a sentence', () => {
    const named = Object.values(sections).flatMap((settings) => Object.keys(settings));
    expect(named.sort()).toEqual(Object.keys(serverSettings).sort());
    for (const { name, description } of documentSettings(serverSettings)) {
      expect([name, description]).toEqual([name, expect.stringMatching(/\w{3,}.*\.$/s)]);
    }
  });
});
