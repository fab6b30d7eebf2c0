import { z } from 'zod';

export const name = z.string().min(1).max(2048);

/** Ten minutes is longer than any deadline of a client under test. */
export const durationMs = z.int().min(0).max(600_000);

export const lifetimeSeconds = z.number().min(0);

const LIMIT = { default: 1000, max: 10_000 };

export const limit = z.coerce.number().int().min(1).max(LIMIT.max).default(LIMIT.default);
