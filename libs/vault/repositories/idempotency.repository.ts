import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../database.js';
import { IdempotencyKey } from '../entities/idempotency-key.entity.js';
import { newRowId } from '../row-id.js';

export interface IdempotentRequest {
  /** Null for calls that are not about one tenant. */
  readonly tenantId: string | null;
  /** API key id or workload subject. */
  readonly caller: string;
  /** Method and path. */
  readonly route: string;
  readonly key: string;
  /** SHA-256 of the request body. */
  readonly requestHash: Buffer;
}

export type IdempotencyAnswer =
  | { readonly kind: 'first'; readonly id: string }
  | { readonly kind: 'replay'; readonly status: number; readonly body: unknown }
  /** Another body under the same key, or the first request is still under way. */
  | { readonly kind: 'conflict' };

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  /** Takes the key, or tells what became of it. Keys older than 24 h, and first requests abandoned for 5 min, count as free. */
  begin(request: IdempotentRequest): Promise<IdempotencyAnswer> {
    return this.scope(request.tenantId, async (manager) => {
      const id = newRowId();
      const place = [request.caller, request.route, request.key];
      await manager.query(
        `delete from gk.idempotency_keys where caller = $1 and route = $2 and key = $3
           and (created_at < gk.now() - interval '24 hours' or (status is null and created_at < gk.now() - interval '5 minutes'))`,
        place,
      );
      const inserted = await manager.query<unknown[]>(
        `insert into gk.idempotency_keys (id, tenant_id, caller, route, key, request_hash)
         values ($4, $5, $1, $2, $3, $6) on conflict (caller, route, key) do nothing returning id`,
        [...place, id, request.tenantId, request.requestHash],
      );
      if (inserted.length > 0) return { kind: 'first', id };
      const [caller, route, key] = [request.caller, request.route, request.key];
      const earlier = await manager.findOneBy(IdempotencyKey, { caller, route, key });
      if (!earlier || earlier.status === null || !earlier.requestHash.equals(request.requestHash)) {
        return { kind: 'conflict' };
      }
      return { kind: 'replay', status: earlier.status, body: earlier.body };
    });
  }

  /** Keeps the answer. It must hold no secret. */
  async finish(tenantId: string | null, id: string, status: number, body: unknown): Promise<void> {
    await this.scope(tenantId, (manager) =>
      manager.query('update gk.idempotency_keys set status = $2, body = $3 where id = $1', [
        id,
        status,
        body === undefined ? null : JSON.stringify(body),
      ]),
    );
  }

  /** Frees the key after a failure, so that the caller can try again. */
  async release(tenantId: string | null, id: string): Promise<void> {
    await this.scope(tenantId, (manager) => manager.delete(IdempotencyKey, { id }));
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}
