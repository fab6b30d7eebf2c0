import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { describeChange } from '../audit/caller-change.js';
import { added, removed } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { RowMac, type RowSeal, type SealedMembers } from '../encryption/row-mac.js';
import { ApiKey } from '../entities/api-key.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';
import { VaultError } from '../vault.errors.js';
import { resealRows } from './reseal-rows.js';
import { isOurs } from './row-let-in.js';
import { inOrder, TurnBatch } from './turn-batch.js';

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

type UsableRow = UsableApiKey & RowSeal & { readonly expiresAt: Date | null };

/** A key that is there, and may not be used now. */
export interface RefusedApiKey {
  readonly hash: Buffer;
  readonly id: string;
  readonly tenantId: string | null;
  readonly reason: 'expired' | 'tenant_disabled' | 'refused';
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
  private readonly usable = new TurnBatch<Buffer, UsableRow | undefined>((hashes) => this.findAll(hashes));

  constructor(
    private readonly database: Database,
    private readonly macs: RowMac,
  ) {}

  async findUsable(hash: Buffer): Promise<UsableApiKey | undefined> {
    const row = await this.usable.add(hash);
    return row && isOurs(this.macs, sealedMembers({ ...row, hash }), row) ? row : undefined;
  }

  /** Of keys that were refused, those that are there. */
  findRefused(hashes: readonly Buffer[]): Promise<RefusedApiKey[]> {
    return this.database.call<RefusedApiKey>(
      'select hash, id, tenant_id as "tenantId", reason from gk.refused_api_keys($1)',
      [hashes],
    );
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
    const row = this.sealed(key);
    return this.scope(key.tenantId, async (manager) => {
      await manager.insert(ApiKey, row);
      const stored = await manager.findOneByOrFail(ApiKey, { id: row.id });
      describeChange(manager, added(fieldsOf(stored)));
      return stored;
    });
  }

  /**
   * Stores the first key of a database that has never had one; does nothing on any other, so that a first key once
   * revoked does not come back.
   * @returns whether it was stored
   */
  async createFirst(key: NewApiKey): Promise<boolean> {
    return this.database.inPlatform(async (manager) => {
      const first = await manager.query<unknown[][]>(
        'update gk.deployment set first_key_at = gk.now() where first_key_at is null returning 1',
      );
      if (first[0]?.length !== 1) return false;
      await manager.insert(ApiKey, this.sealed(key));
      return true;
    });
  }

  /**
   * Signs rows anew that an older key-encryption key signs. One that does not verify is left as it is.
   * @returns how many
   */
  reseal(tenantId: string | null): Promise<number> {
    return this.scope(tenantId, (manager) =>
      resealRows(manager, ApiKey, this.macs, sealedMembers, tenantId ?? IsNull(), ['hash']),
    );
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

  /**
   * @returns false when there is no such key
   * @throws VaultError `last_platform_key`
   */
  remove(tenantId: string | null, id: string): Promise<boolean> {
    return this.scope(tenantId, async (manager) => {
      if (tenantId === null && (await this.isLastOfPlatform(manager, id))) {
        throw new VaultError('last_platform_key');
      }
      const row = await manager.findOneBy(ApiKey, { id, tenantId: tenantId ?? IsNull() });
      if (!row) return false;
      describeChange(manager, removed(fieldsOf(row)));
      return ((await manager.delete(ApiKey, { id, tenantId: tenantId ?? IsNull() })).affected ?? 0) > 0;
    });
  }

  /** Whether it can be used, and no other could after it. One at a time: two may not see each other as the other. */
  private async isLastOfPlatform(manager: EntityManager, id: string): Promise<boolean> {
    await manager.query('select pg_advisory_xact_lock(hashtext($1))', ['gk.last_platform_key']);
    const rows: { id: string }[] = await manager.query(
      'select id from gk.api_keys where tenant_id is null and (expires_at is null or expires_at > gk.now()) limit 2',
    );
    return rows.length === 1 && rows[0]?.id === id;
  }

  private sealed(key: NewApiKey) {
    const row = { ...key, id: newRowId(), connections: key.connections ? [...key.connections] : null };
    return { ...row, ...this.macs.seal(sealedMembers(row)) };
  }

  private async findAll(hashes: readonly Buffer[]): Promise<(UsableRow | undefined)[]> {
    const rows = await this.database.call<UsableRow & { readonly n: number }>(
      `select wanted.n::int, id, role, tenant_id as "tenantId", tenant_slug as "tenantSlug", connections,
         expires_at as "expiresAt", expires_in_ms as "expiresInMs", mac_kid as "macKid", mac,
         rate_limit as "rateLimitPerSecond", key_rate_limit as "keyRateLimitPerSecond"
       from unnest($1::bytea[]) with ordinality as wanted (hash, n) cross join lateral gk.find_api_key(wanted.hash)`,
      [hashes],
    );
    return inOrder(rows, hashes.length);
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}

/** The part of a key that its HMAC covers. */
export function sealedMembers(row: Omit<NewApiKey, 'name'> & { readonly id: string }): SealedMembers {
  const { id, hash, role, tenantId, connections, expiresAt } = row;
  return [
    'api_keys',
    id,
    hash.toString('hex'),
    role,
    tenantId,
    connections,
    expiresAt?.toISOString() ?? null,
  ];
}

/** As the API names them. */
function fieldsOf({ id, name, role, connections, expiresAt }: ApiKey) {
  return { id, name, role, connections, expires_at: expiresAt };
}
