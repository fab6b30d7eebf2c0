import { Injectable } from '@nestjs/common';
import { breakdownCodes, notAskedCodes } from '#provider-kit';
import { Database } from '../database.js';
import { overviewStatement } from './overview-statement.js';

/** A server that issues tokens to a tenant, by what the database knows of its last hour. */
export interface UpstreamHealth {
  readonly provider: string;
  readonly upstream: string;
  /** False: it was down when it was last asked; null: it was not asked. */
  readonly answers: boolean | null;
  /** Of the connections looked at, those renewed in the last hour. */
  readonly renewals: number;
  /** From the request to the tokens in the database. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  /** Connections that fail, by code of their latest failure. */
  readonly failures: Readonly<Record<string, number>>;
  readonly due: number;
  readonly lateness_seconds: number;
}

export interface TenantOverview {
  readonly ending: readonly { readonly connection: string; readonly ends_at: string }[];
  readonly upstreams: readonly UpstreamHealth[];
}

/** A provider across all tenants. */
export interface ProviderHealth {
  readonly provider: string;
  readonly connections: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly due: number;
  readonly lateness_seconds: number;
}

/** Numbers for a page to show at a glance: one statement, which no number of connections makes slow. */
@Injectable()
export class OverviewRepository {
  constructor(private readonly database: Database) {}

  async ofTenant(tenantId: string): Promise<TenantOverview> {
    const [overview] = await this.database.inTenant(tenantId, (manager) =>
      manager.query<TenantOverview[]>(overviewStatement, [tenantId, [...breakdownCodes], [...notAskedCodes]]),
    );
    return overview ?? { ending: [], upstreams: [] };
  }

  /** Of the whole installation. */
  ofProviders(): Promise<ProviderHealth[]> {
    return this.database.call<ProviderHealth>('select * from gk.provider_health($1)', [mostLookedAt]);
  }
}

const mostLookedAt = 2_000;
