import { z } from 'zod';
import type { Page, PageRequest } from '#vault';
import { rowIdPattern } from './common.schemas.js';

const bigint = /^[1-9]\d{0,17}$/;

const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 200')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 200, 'must be a whole number from 1 to 200')
  .default(50);

/** Query of every list; `limit` is 50 by default, 200 at most. `cursor` comes from the page before. */
export const pageQuery = { limit, cursor: cursorTo(rowIdPattern) };

/** For lists whose rows have numbers for ids. */
export const numberedPageQuery = { limit, cursor: cursorTo(bigint) };

export const pageQuerySchema = z.strictObject(pageQuery);
export type PageQuery = z.output<typeof pageQuerySchema>;
export const numberedPageQuerySchema = z.strictObject(numberedPageQuery);

export function pageRequest({ limit, cursor }: PageQuery): PageRequest {
  return { limit, afterId: cursor };
}

/** A page of `schema`, for the documentation. */
export function pageOf<T extends z.ZodType>(schema: T) {
  return z.strictObject({ items: z.array(schema), next_cursor: z.string().nullable() });
}

export function pageJson<Row, Json>(page: Page<Row>, json: (row: Row) => Json) {
  return {
    items: page.items.map(json),
    next_cursor: page.nextAfterId === null ? null : Buffer.from(page.nextAfterId).toString('base64url'),
  };
}

/** Opaque to callers: a row id in base64url. */
function cursorTo(id: RegExp) {
  return z
    .string()
    .transform((cursor) => Buffer.from(cursor, 'base64url').toString('latin1'))
    .refine((rowId) => id.test(rowId), 'is not a cursor of this list')
    .optional();
}
