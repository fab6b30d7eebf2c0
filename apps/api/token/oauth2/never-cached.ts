import { noStore } from '../../http/no-store.js';

/** RFC 6749 §5.1 asks for both. */
export const neverCached = { ...noStore, pragma: 'no-cache' } as const;
