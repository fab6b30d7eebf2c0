import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST } from './paths.mjs';

/** A module of the build, by its path there: where the scripts are type-checked there may be no build yet. */
export function importBuilt(path: string) {
  return import(pathToFileURL(join(DIST, path)).href);
}
