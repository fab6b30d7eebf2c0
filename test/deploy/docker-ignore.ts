import { readFileSync } from 'node:fs';
import { dirname, matchesGlob } from 'node:path';

interface Rule {
  readonly pattern: string;
  readonly keeps: boolean;
}

/**
 * Which files of the checkout are part of the build context: as Docker reads `.dockerignore`, the last rule that
 * matches a path or a folder above it decides.
 *
 * @returns for a path relative to the checkout, whether a build can see it
 */
export function readDockerignore(path: string): (file: string) => boolean {
  const rules = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map(
      (line): Rule => ({ pattern: line.replace(/^!/, '').replace(/\/$/, ''), keeps: line.startsWith('!') }),
    );
  return (file) => {
    const last = rules.findLast(({ pattern }) =>
      pathAndFolders(file).some((part) => matchesGlob(part, pattern)),
    );
    return last?.keeps ?? true;
  };
}

function pathAndFolders(file: string): string[] {
  const parts: string[] = [];
  for (let part = file; part !== '.'; part = dirname(part)) parts.push(part);
  return parts;
}
