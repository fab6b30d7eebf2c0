import { importBuilt } from './lib/built.ts';

/** One production role in this very process, so that signals reach it directly. */
const [, , role] = process.argv;
await importBuilt(`apps/${role}/main.js`);
