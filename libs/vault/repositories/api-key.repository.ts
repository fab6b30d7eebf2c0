import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { Database } from '../database.js';
import { ApiKey } from '../entities/api-key.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';

/** A key that may be used now: not expired, its tenant neither removed nor disabled. */
export interface UsableApiKey {
  readonly id: string;
  readonly role: string;
  readonly tenantId: string | null;
  readonly tenantSlug: string | null;
  readonly connections: readonly string[] | null;
  /** Of its tenant, as `PATCH` of a tenant sets them. */
  readonly rateLimitPerSecond: number | null;
  readonly keyRateLimitPerSecond: number | null;
  /** Milliseconds from the moment of asking; null for a key without an end. */
  readonly expiresInMs: number | null;
}

export interface NewApiKey {
  /** Null: a key of the platform. */
  readonly tenantId: string | null;
  readonly name: string;
  readonly role: string;
  readonly connections: readonly string[] | null;
  readonly expiresAt: Date | null;
  /** SHA-256. */
  readonly hash: Buffer;
}

/** So few that they give nothing of a key away, and so many that no other key has the same. */
export const fingerprintBytes = 8;

@Injectable()
export class ApiKeyRepository {
  constructor(private readonly database: Database) {}

  async findUsable(hash: Buffer): Promise<UsableApiKey | undefined> {
    const rows = await this.database.call<UsableApiKey>(
      `select id, role, tenant_id as "tenantId", tenant_slug as "tenantSlug", connections, expires_in_ms as "expiresInMs",
         rate_limit as "rateLimitPerSecond", key_rate_limit as "keyRateLimitPerSecond"
       from gk.find_api_key($1)`,
      [hash],
    );
    return rows[0];
  }

  /** The first `fingerprintBytes` of the hash of every key, in order. */
  async fingerprints(): Promise<Buffer> {
    const [row] = await this.database.call<{ all: Buffer | null }>(
      'select gk.api_key_fingerprints($1) as all',
      [fingerprintBytes],
    );
    return row?.all ?? Buffer.alloc(0);
  }

  create(key: NewApiKey): Promise<ApiKey> {
    const id = newRowId();
    return this.scope(key.tenantId, async (manager) => {
      await manager.insert(ApiKey, {
        ...key,
        id,
        connections: key.connections ? [...key.connections] : null,
      });
      return manager.findOneByOrFail(ApiKey, { id });
    });
  }

  /**
   * Stores the first key of an empty database; does nothing on any other.
   * @returns whether it was stored
   */
  async createFirst(key: NewApiKey): Promise<boolean> {
    return this.database.inPlatform(async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtext('gk.first_api_key'))");
      const [answer] = await manager.query<{ any: boolean }[]>('select gk.any_api_key() as any');
      if (answer?.any) return false;
      await manager.insert(ApiKey, { ...key, id: newRowId(), connections: null });
      return true;
    });
  }

  list(tenantId: string | null, page: PageRequest): Promise<Page<ApiKey>> {
    return this.scope(tenantId, (manager) =>
      findPage(manager.getRepository(ApiKey), { tenantId: tenantId ?? IsNull() }, page),
    );
  }

  find(tenantId: string | null, id: string): Promise<ApiKey | null> {
    return this.scope(tenantId, (manager) =>
      manager.findOneBy(ApiKey, { id, tenantId: tenantId ?? IsNull() }),
    );
  }

  /** @returns false when there is no such key */
  remove(tenantId: string | null, id: string): Promise<boolean> {
    return this.scope(
      tenantId,
      async (manager) =>
        ((await manager.delete(ApiKey, { id, tenantId: tenantId ?? IsNull() })).affected ?? 0) > 0,
    );
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}
