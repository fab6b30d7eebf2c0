import { v7 } from 'uuid';

/** Row ids are UUIDv7 (RFC 9562 §5.7): they grow with time, so a list ordered by id is ordered by creation. */
export const newRowId = (): string => v7();
