import { type RunningSandbox, startSandbox as start } from '../../apps/sandbox/sandbox.js';

export type { RunningSandbox };

/** The provider sandbox inside this process, for the tests of libs: none of them imports an app itself. */
export const startSandbox = start;
