import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { InjectSettings, type Settings } from '#config';
import { type QuotaKind, QuotaRepository } from '#vault';
import { Problem } from '../problem/problem.js';

const mostTenants = 10_000;
/** Of the room that was left: so many more are let in before they are counted again, by each of ten replicas. */
const uncountedShare = 0.1;

const names: Readonly<Record<QuotaKind, string>> = {
  connections: 'connections',
  credentials: 'client credentials',
  api_keys: 'API keys',
  open_links: 'open authorization links',
};

/** How many of each kind a tenant may have. Where there is room, hardly any of them are counted. */
@Injectable()
export class TenantQuotas {
  /** By tenant and kind: how many more without counting. */
  private readonly uncounted = new LRUCache<string, number>({ max: mostTenants });

  constructor(
    private readonly quotas: QuotaRepository,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** Before one more is made. @throws Problem */
  async assertRoom(tenantId: string, kind: QuotaKind): Promise<void> {
    const name = `${kind} ${tenantId}`;
    const uncounted = this.uncounted.get(name) ?? 0;
    if (uncounted > 0) {
      this.uncounted.set(name, uncounted - 1);
      return;
    }
    const most = this.settings.tenantQuotas[kind];
    const room = most - (await this.quotas.count(tenantId, kind, most));
    if (room <= 0) throw full(kind, most);
    this.uncounted.set(name, Math.floor(room * uncountedShare));
  }
}

function full(kind: QuotaKind, most: number): Problem {
  const detail = `This tenant has as many ${names[kind]} as it may have: ${most}.`;
  if (kind === 'open_links')
    return new Problem('rate_limited', {
      detail,
      retryAfterSeconds: 60,
      remedy: 'Wait until some of them end.',
    });
  return new Problem('conflict', {
    detail,
    remedy:
      'Delete those that are not needed any more, or ask the operator to raise GRANTKEEPER_TENANT_QUOTAS.',
  });
}
