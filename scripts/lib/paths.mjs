// @ts-check
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The checkout, wherever the command was called from. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const DIST = join(ROOT, 'dist');
export const NODE_MODULES = join(ROOT, 'node_modules');
/** The folder that bootstrap keeps for itself: its lock and, where the host's Node is too old, another one. */
export const RUNTIME = join(ROOT, '.runtime');

/**
 * A module of the build: where the scripts are type-checked there may be none yet.
 *
 * @param {string} path
 */
export const importBuilt = (path) => import(pathToFileURL(join(DIST, path)).href);
