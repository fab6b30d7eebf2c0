import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { libNames, root } from './source-files.js';
import { exported, imported, unlisted } from './surface.js';

/** One `lib/name` a line, sorted, so that a review sees what a lib gives away. `UPDATE_SURFACE=1` writes it anew. */
const file = join(root, 'test/architecture/surface.txt');
if (process.env['UPDATE_SURFACE'] === '1') writeFileSync(file, `${exported.join('\n')}\n`);
const frozen = readFileSync(file, 'utf8').trimEnd().split('\n');

describe('the surface of each lib', () => {
  it('is a list of names: no `export *`, and no code', () => {
    expect(libNames.flatMap(unlisted)).toEqual([]);
  });

  it('is as surface.txt says', () => {
    expect({
      added: exported.filter((name) => !frozen.includes(name)),
      removed: frozen.filter((name) => !exported.includes(name)),
    }).toEqual({ added: [], removed: [] });
  });

  it('has nothing that nobody outside the lib imports', () => {
    // The users of the client are programs elsewhere.
    const ours = exported.filter((name) => !name.startsWith('client/'));
    expect(ours.filter((name) => !imported.has(name))).toEqual([]);
  });
});
