import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

export const root = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Tests and what only they use. They may reach further than the product. */
  readonly isTest: boolean;
  /** As written: type imports, re-exports and dynamic imports too. */
  readonly imports: readonly string[];
}

export const testCode =
  /(?:\.(?:int-)?spec\.ts$|\.spec-support\.ts$|\/spec-support\/|^test\/|^libs\/testing\/)/;

/** Every file of the extensions under the folders. */
export function listFiles(folders: readonly string[], extensions: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort();
}

export const sourceFiles: readonly SourceFile[] = [
  ...listFiles(['apps', 'libs', 'scripts', 'test'], ['.ts']),
  'ormconfig.ts',
].map(readSource);

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  return { path, text, isTest: testCode.test(path), imports };
}

export const libNames: readonly string[] = readdirSync(join(root, 'libs'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The file an import of ours means, from the root; undefined for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `libs/${specifier.slice(1)}/index.ts`;
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(dirname(from), specifier).replace(/\.js$/, '.ts');
}

/** The lib or app a file belongs to: `libs/vault`, `apps/api`, or undefined. */
export function unitOf(path: string): string | undefined {
  return /^(?:libs|apps)\/[^/]+/.exec(path)?.[0];
}
