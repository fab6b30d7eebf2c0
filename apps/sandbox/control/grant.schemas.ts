import { z } from 'zod';
import { name } from './common.schemas.js';

const MONTH_SECONDS = 30 * 86_400;

export const grantQuerySchema = z.strictObject({
  provider: name.optional(),
  client_id: name.optional(),
  user: name.optional(),
  refresh_token: name.optional(),
});
export type GrantQuery = z.output<typeof grantQuerySchema>;

export const grantSchema = z.strictObject({
  provider: name,
  client_id: name,
  user: name,
  scope: z.string().default(''),
  lifetime_seconds: z.number().min(0).max(1e9).default(MONTH_SECONDS),
});
export type GrantBody = z.output<typeof grantSchema>;
