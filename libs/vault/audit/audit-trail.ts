import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { log } from '#observability';
import { isDatabaseOutage } from '../database-outage.js';
import type { KeyedMac } from '../encryption/keyed-mac.js';
import { Sealer } from '../encryption/sealer.js';
import { VaultError } from '../vault.errors.js';
import { auditHash, type ChainPlace, eventMessage, placeMessage, startOfChain } from './audit-hash.js';
import { storableJson } from './canonical-json.js';

/** Between two checkpoints in the log, events of one chain. */
const eventsPerCheckpoint = 1_000;

export interface NewAuditEvent {
  /** Null: the platform's own chain. */
  readonly tenantId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  /** Never a secret. */
  readonly data?: Record<string, unknown>;
}

/** The last event of a chain, signed. Kept elsewhere, it shows when the end of the chain is cut off. */
export interface Checkpoint extends ChainPlace {
  /** In hex. */
  readonly mac: string;
}

export interface ChainHead {
  readonly sequence: number;
  readonly hash: Buffer;
  readonly cut: (Checkpoint & { readonly kid: string }) | null;
  /** By the database's clock. */
  readonly at: Date;
}

interface StoredHead extends Omit<ChainHead, 'sequence' | 'hash'> {
  /** A bigint. */
  readonly sequence: string;
  /** Null where the chain has not begun. */
  readonly hash: Buffer | null;
}

/** Continues the chains of audit events, and signs them with a key that the database does not have. */
@Injectable()
export class AuditTrail {
  readonly macs: KeyedMac;

  constructor(sealer: Sealer) {
    this.macs = sealer.macOf('audit');
  }

  /** The last event of a chain. Nobody else continues the chain before the transaction ends. */
  async lock(manager: EntityManager, tenantId: string | null): Promise<ChainHead> {
    const [row] = await manager.query<StoredHead[]>('select * from gk.lock_audit_chain($1)', [tenantId]);
    return chainHead(row);
  }

  /** The last event of a chain, as it is now. */
  async head(manager: EntityManager, tenantId: string | null): Promise<ChainHead> {
    const [row] = await manager.query<StoredHead[]>(
      `select coalesce(c.sequence, 0) as sequence, c.hash, c.cut, gk.now() as at
       from (select 1) one left join gk.audit_chains c on c.tenant_id = $1 or ($1::uuid is null and c.tenant_id is null)`,
      [tenantId],
    );
    return chainHead(row);
  }

  /**
   * Adds events to one chain within a transaction.
   * @returns what is to be called once the transaction is committed
   * @throws VaultError `not_audited`: the transaction must be rolled back
   */
  async append(
    manager: EntityManager,
    tenantId: string | null,
    events: readonly Omit<NewAuditEvent, 'tenantId'>[],
    head?: ChainHead,
  ): Promise<() => void> {
    if (events.length === 0) return () => undefined;
    const { sequence, hash, at } = head ?? (await this.lock(manager, tenantId));
    const { kid } = this.macs;
    let previousHash = hash;
    const rows = events.map(({ actor, action, target, outcome, data = {} }, number) => {
      const members = storableJson({ actor, action, target, outcome, data });
      const id = String(sequence + number + 1);
      const own = auditHash({ ...members, tenantId, id, kid, createdAt: at, previousHash });
      const row = {
        ...members,
        sequence: sequence + number + 1,
        at: at.toISOString(),
        previous_hash: previousHash.toString('hex'),
        hash: own.toString('hex'),
        kid,
        mac: this.macs.make(eventMessage(own)).mac.toString('hex'),
      };
      previousHash = own;
      return row;
    });
    await this.insert(manager, tenantId, rows);
    const last = { sequence: sequence + rows.length, hash: previousHash, at };
    const isDue =
      Math.floor(last.sequence / eventsPerCheckpoint) > Math.floor(sequence / eventsPerCheckpoint);
    return () => {
      if (isDue) this.logCheckpoint(tenantId, last);
    };
  }

  private async insert(manager: EntityManager, tenantId: string | null, rows: readonly object[]) {
    try {
      await manager.query('select gk.append_audit_events($1, $2)', [tenantId, JSON.stringify(rows)]);
    } catch (error) {
      if (isDatabaseOutage(error)) throw error;
      log.error({ err: error }, 'an audit event could not be written, so its change was not made');
      throw new VaultError('not_audited');
    }
  }

  checkpoint(tenantId: string | null, { sequence, hash, at }: Omit<ChainHead, 'cut'>): Checkpoint {
    const place = { sequence, hash: hash.toString('hex'), at: at.toISOString() };
    return { ...place, mac: this.macs.make(placeMessage('checkpoint', tenantId, place)).mac.toString('hex') };
  }

  /** The log is kept elsewhere than the database: what it has seen of a chain cannot be cut off unnoticed. */
  private logCheckpoint(tenantId: string | null, head: Omit<ChainHead, 'cut'>): void {
    const checkpoint = this.checkpoint(tenantId, head);
    log.info({ chain: tenantId ?? 'platform', checkpoint }, 'audit checkpoint, for audit verify --from');
  }
}

function chainHead(row: StoredHead | undefined): ChainHead {
  if (!row) throw new Error('A chain of audit events could not be locked.');
  return { ...row, sequence: Number(row.sequence), hash: row.hash ?? startOfChain };
}
