import { z } from 'zod';
import { durationMs, lifetimeSeconds, limit, name } from './common.schemas.js';

export const behaviourScopeSchema = z.strictObject({ provider: name, client_id: name.optional() });
export type BehaviourScopeQuery = z.output<typeof behaviourScopeSchema>;

export const behaviourSchema = behaviourScopeSchema.extend({
  expires_in: z.json().optional(),
  lifetime_seconds: lifetimeSeconds.optional(),
  latency_ms: durationMs.optional(),
  switches: z.record(z.string(), z.json()).optional(),
});
export type BehaviourBody = z.output<typeof behaviourSchema>;

export const requestQuerySchema = z.strictObject({
  provider: name.optional(),
  client_id: name.optional(),
  path: name.optional(),
  grant_type: name.optional(),
  method: name.optional(),
  limit,
});
export type RequestQuery = z.output<typeof requestQuerySchema>;

export const scopeQuerySchema = z.strictObject({ provider: name.optional(), client_id: name.optional() });
export type ScopeQuery = z.output<typeof scopeQuerySchema>;

export const tokenQuerySchema = scopeQuerySchema.extend({ limit });
export type TokenQuery = z.output<typeof tokenQuerySchema>;

export const clockSchema = z.strictObject({ advance_seconds: z.number().min(0).max(1e9) });
export type ClockBody = z.output<typeof clockSchema>;
