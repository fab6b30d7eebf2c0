import { Baseline1764000000001 } from './0001-baseline.js';

/** In the order they run. The number of them is the schema version. */
export const migrations = [Baseline1764000000001];
