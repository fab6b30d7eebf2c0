import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST } from './lib/paths.mjs';

/** One production role in this very process, so that signals reach it directly. */
const [, , role] = process.argv;
await import(pathToFileURL(join(DIST, 'apps', String(role), 'main.js')).href);
