import { Inject, Injectable } from '@nestjs/common';
import { generateApiKey, hashApiKey, type Role } from '#access';
import { CLOCK, type Clock } from '#provider-kit';
import { ApiKeyRepository, ChangeFeed } from '#vault';
import { type PageQuery, pageJson, pageRequest } from '../http/page.schemas.js';
import { invalidField } from '../problem/problem.js';
import { notFound } from '../problem/to-problem.js';
import { TenantQuotas } from '../tenants/tenant-quotas.js';
import { apiKeyJson } from './api-key.schemas.js';

export interface WantedApiKey {
  readonly name: string;
  readonly role: Role;
  readonly connections?: readonly string[] | null | undefined;
  readonly expires_at?: string | null | undefined;
}

/** Keys of a tenant, or of the platform where the tenant id is null. */
@Injectable()
export class ApiKeyService {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly quotas: TenantQuotas,
    private readonly feed: ChangeFeed,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async create(tenantId: string | null, wanted: WantedApiKey) {
    const expiresAt = wanted.expires_at == null ? null : new Date(wanted.expires_at);
    if (expiresAt && expiresAt <= this.clock.now()) throw invalidField('expires_at', 'must be in the future');
    if (tenantId !== null) await this.quotas.assertRoom(tenantId, 'api_keys');
    const key = generateApiKey(wanted.role);
    const { name, role, connections = null } = wanted;
    const row = await this.keys.create({
      tenantId,
      name,
      role,
      connections,
      expiresAt,
      hash: hashApiKey(key),
    });
    // Its holder may use it at once, also while so many keys are made up that only known ones are looked for.
    this.feed.tellHere({ kind: 'new_api_key', id: row.id });
    return { ...apiKeyJson(row), key };
  }

  async list(tenantId: string | null, query: PageQuery) {
    return pageJson(await this.keys.list(tenantId, pageRequest(query)), apiKeyJson);
  }

  async read(tenantId: string | null, id: string) {
    const row = await this.keys.find(tenantId, id);
    if (!row) throw notFound();
    return apiKeyJson(row);
  }

  async remove(tenantId: string | null, id: string): Promise<void> {
    if (!(await this.keys.remove(tenantId, id))) throw notFound();
    this.feed.tellHere({ kind: 'api_key', id });
  }
}
