import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { edited } from '../mutations/guard.js';
import { guards } from '../mutations/guards.js';
import { libNames, root, sourceFiles } from './source-files.js';

const product = sourceFiles.filter(({ isTest }) => !isTest);
const pathsWith = (pattern: RegExp) =>
  product.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('conventions', () => {
  it('each lib has one index, and re-exports happen only there', () => {
    expect(libNames.filter((name) => !existsSync(join(root, 'libs', name, 'index.ts')))).toEqual([]);
    const barrels = pathsWith(/^export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*(?:as\s+\w+\s+)?from\s/m);
    expect(barrels.filter((path) => !/^libs\/[^/]+\/index\.ts$/.test(path))).toEqual([]);
  });

  it('nothing is global but configuration and logging', () => {
    expect(
      pathsWith(/@Global\(\)/).filter((path) => !/^libs\/(?:config|observability)\//.test(path)),
    ).toEqual([]);
    expect(pathsWith(/\b(?:isGlobal|global):\s*true/).sort()).toEqual([
      'libs/config/settings.module.ts',
      // The options of the client, which are configuration.
      'libs/egress/egress.module.ts',
    ]);
  });

  it('nothing needs forwardRef', () => {
    expect(pathsWith(/\bforwardRef\b/)).toEqual([]);
  });

  it('the schema changes by migrations only', () => {
    expect(pathsWith(/\bsynchronize:\s*true|\.synchronize\(/)).toEqual([]);
  });

  it('starts no other program, makes no code of texts, and hashes by nothing older than SHA-256', () => {
    const ours = (pattern: RegExp) => pathsWith(pattern).filter((path) => /^(?:apps|libs)\//.test(path));
    const started = ours(/['"](?:node:)?child_process['"]/).filter(
      (path) => !path.startsWith('libs/testing/'),
    );
    // It asks `ps` about a number.
    expect(started).toEqual(['libs/journal/process-identity.ts']);
    expect(ours(/\beval\(|\bnew Function\(|['"](?:node:)?vm['"]/)).toEqual([]);
    // The name of a certificate (RFC 7515 §4.1.7), where a server asks for it.
    expect(ours(/['"](?:md4|md5|sha-?1)['"]/i)).toEqual(['libs/oauth-http/client-certificate.ts']);
  });

  it('file names are kebab-case, with their role behind a dot', () => {
    const name = /^(?:\d{4}-)?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*\.ts$/;
    expect(
      sourceFiles.map(({ path }) => path).filter((path) => !name.test(path.slice(path.lastIndexOf('/') + 1))),
    ).toEqual([]);
  });

  it('a rule of one grant is a trait: nobody but an adapter compares the type', () => {
    const comparison = /[=!]==\s*'(?:ciba|password|client_credentials|authorization_code|refresh_token)'/;
    expect(
      pathsWith(comparison).filter((path) => !/^(?:libs\/providers|apps\/sandbox)\//.test(path)),
    ).toEqual([]);
    const functions = join(root, 'libs/vault/schema/functions');
    const inSql =
      /\btype\s*(?:=|<>|in)\s*\(?'(?:ciba|password|client_credentials|authorization_code|refresh_token)'/;
    expect(
      readdirSync(functions).filter((name) => inSql.test(readFileSync(join(functions, name), 'utf8'))),
    ).toEqual([]);
  });

  it('each guard that test:mutations takes away stands where its table says', () => {
    expect(new Set(guards.map(({ name }) => name)).size).toBe(guards.length);
    for (const { suite, test = '', edits } of guards) {
      expect(readFileSync(join(root, suite), 'utf8')).toContain(test);
      for (const edit of edits)
        expect(edited(readFileSync(join(root, edit.file), 'utf8'), edit)).not.toBe('');
    }
  });

  it('nothing is left for later', () => {
    // Put together here, so that this file does not find itself.
    const marks = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
    expect(sourceFiles.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('no test is skipped or run alone', () => {
    // `hasTool ? it : it.skip` is a condition of the machine, not a test switched off.
    const switched = /(?<!: )\b(?:describe|it|test)\.(?:only|skip|todo)\b|\bx(?:it|describe)\(/;
    const tests = sourceFiles.filter(
      ({ path }) => /spec\.ts$/.test(path) && !path.startsWith('test/architecture/'),
    );
    expect(tests.length).toBeGreaterThan(20);
    expect(tests.filter(({ text }) => switched.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
