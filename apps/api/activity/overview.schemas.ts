import { z } from 'zod';
import { timestamp } from '../http/common.schemas.js';

const failures = z
  .record(z.string(), z.int().min(1))
  .describe(
    'Connections whose latest renewal has failed in the last hour, by code; of the first 2,000 that fail.',
  );
const latenessSeconds = z.int().min(0).describe('How long the one that waits longest has been due.');
const milliseconds = z.int().min(0).nullable();

export const overviewSchema = z.strictObject({
  ending: z
    .array(z.strictObject({ connection: z.string(), ends_at: timestamp }))
    .describe(
      'The first 200 grants that end within 90 days, soonest first: no renewal extends them, or their renewal fails.',
    ),
  upstreams: z
    .array(
      z.strictObject({
        provider: z.string(),
        upstream: z
          .string()
          .describe('The server: the provider, with its region or host where there are several.'),
        answers: z
          .boolean()
          .nullable()
          .describe('Whether it answered when it was last asked; null: not asked in the last hour.'),
        renewals: z
          .int()
          .min(0)
          .describe(
            'Renewed in the last hour, of the 50 that are due last and the 500 of the tenant whose tokens end last.',
          ),
        p50_ms: milliseconds.describe(
          'Of these, from the request to the tokens in the database: the median.',
        ),
        p95_ms: milliseconds.describe('The same: 95 of 100 were faster.'),
        failures,
        due: z.int().min(0).max(100).describe('Due for renewal and not claimed; 100 means as many or more.'),
        lateness_seconds: latenessSeconds,
      }),
    )
    .describe('Of the first 100 servers.'),
});

export const providersOverviewSchema = z.strictObject({
  providers: z.array(
    z.strictObject({
      provider: z.string(),
      connections: z.record(z.string(), z.int().min(1)).describe('By status.'),
      failures,
      due: z.int().min(0).describe('Due for renewal and not claimed; of the first 2,000 of all providers.'),
      lateness_seconds: latenessSeconds,
    }),
  ),
});
