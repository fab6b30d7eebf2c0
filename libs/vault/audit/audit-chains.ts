import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../database.js';
import { Sealer } from '../encryption/sealer.js';
import type { AuditEvent } from '../entities/audit-event.entity.js';
import { placeMessage } from './audit-hash.js';
import { AuditTrail, type Checkpoint } from './audit-trail.js';
import { ChainCheck, type Finding, isOfChain } from './chain-check.js';

/** Events in one statement. */
const batch = 1_000;

/** Of one chain; of a chain full of them nobody reads all. */
const mostFindings = 100;

export interface ChainReport {
  /** `platform`, the slug of a tenant, or the row id of one that is gone. */
  readonly chain: string;
  readonly events: number;
  /** Of the last event. */
  readonly sequence: number;
  readonly findings: readonly Finding[];
}

export interface AuditReport {
  readonly ok: boolean;
  readonly chains: readonly ChainReport[];
  /** Checkpoints that no chain here has made: they are forged, or nothing is left of their chain. */
  readonly strayCheckpoints: readonly Checkpoint[];
}

export interface Pruned {
  readonly chain: string;
  readonly removed: number;
  /** Why nothing was removed. */
  readonly refused?: 'not_intact';
}

interface Chain {
  readonly tenantId: string | null;
  readonly name: string;
}

/** All chains of audit events of an installation, for whoever operates it: read from the database itself. */
@Injectable()
export class AuditChains {
  private readonly trail: AuditTrail;

  constructor(
    private readonly database: Database,
    sealer: Sealer,
  ) {
    this.trail = new AuditTrail(sealer);
  }

  /** @param checkpoints kept elsewhere, of any of the chains */
  async verify(checkpoints: readonly Checkpoint[] = []): Promise<AuditReport> {
    const { macs } = this.trail;
    const chains = await this.chains();
    const reports: ChainReport[] = [];
    for (const chain of chains) {
      const own = checkpoints.filter((checkpoint) => isOfChain(macs, chain.tenantId, checkpoint));
      reports.push(await this.verifyOne(chain, own));
    }
    const strayCheckpoints = checkpoints.filter(
      (checkpoint) => !chains.some(({ tenantId }) => isOfChain(macs, tenantId, checkpoint)),
    );
    const ok = strayCheckpoints.length === 0 && reports.every(({ findings }) => findings.length === 0);
    return { ok, chains: reports, strayCheckpoints };
  }

  /**
   * Chain by chain, without any checkpoint.
   * @param signal ends the check of a long chain. @throws its reason
   */
  async *reports(signal: AbortSignal): AsyncGenerator<ChainReport, undefined> {
    for (const chain of await this.chains()) {
      const report = await this.verifyOne(chain, [], signal);
      // Events may have been pruned while they were read: a break is there at the second look too.
      yield report.findings.length === 0 ? report : await this.verifyOne(chain, [], signal);
    }
    return undefined;
  }

  /**
   * Removes what is older from each chain, and signs where it was cut, so that the rest can be verified. A chain that
   * is not intact stays: a cut would vouch for what was done to it.
   */
  async prune(before: Date): Promise<Pruned[]> {
    const pruned: Pruned[] = [];
    for (const chain of await this.chains()) {
      const { findings } = await this.verifyOne(chain, []);
      pruned.push(
        findings.length > 0
          ? { chain: chain.name, removed: 0, refused: 'not_intact' }
          : { chain: chain.name, removed: await this.pruneOne(chain, before) },
      );
    }
    return pruned;
  }

  private async chains(): Promise<Chain[]> {
    const rows = await this.database.inPlatform((manager) =>
      manager.query<{ tenant_id: string | null; slug: string | null }[]>(
        'select * from gk.audit_chain_names()',
      ),
    );
    return rows.map(({ tenant_id, slug }) => ({
      tenantId: tenant_id,
      name: slug ?? tenant_id ?? 'platform',
    }));
  }

  private async verifyOne(
    { tenantId, name }: Chain,
    checkpoints: readonly Checkpoint[],
    signal?: AbortSignal,
  ) {
    const headNow = () => this.scope(tenantId, (manager) => this.trail.head(manager, tenantId));
    const check = new ChainCheck(this.trail.macs, tenantId, (await headNow()).cut, checkpoints);
    let after: number | null = null;
    const readOn = async () => {
      for (let rows = await this.events(tenantId, after); rows.length > 0; ) {
        signal?.throwIfAborted();
        for (const row of rows) check.next(row);
        after = check.lastSequence;
        rows = await this.events(tenantId, after);
      }
    };
    await readOn();
    // An event and the head that tells of it are committed together: what a head tells of can be read after it.
    const head = await headNow();
    await readOn();
    const now = await headNow();
    check.end(now.sequence > check.lastSequence ? head : now, await this.count(tenantId, check.lastSequence));
    const findings = check.findings.slice(0, mostFindings);
    return { chain: name, events: check.events, sequence: check.lastSequence, findings };
  }

  private events(tenantId: string | null, after: number | null): Promise<AuditEvent[]> {
    return this.scope(tenantId, (manager) =>
      manager.query<AuditEvent[]>(
        `select sequence as id, actor, action, target, outcome, data, created_at as "createdAt",
           previous_hash as "previousHash", hash, kid, mac
         from gk.audit_events where ${ofChain} and ($2::bigint is null or sequence > $2) order by sequence limit ${batch}`,
        [tenantId, after],
      ),
    );
  }

  private async count(tenantId: string | null, through: number): Promise<number> {
    const [row] = await this.scope(tenantId, (manager) =>
      manager.query<{ n: string }[]>(
        `select count(*) as n from gk.audit_events where ${ofChain} and sequence <= $2`,
        [tenantId, through],
      ),
    );
    return Number(row?.n);
  }

  private async pruneOne({ tenantId }: Chain, before: Date): Promise<number> {
    return this.scope(tenantId, async (manager) => {
      const head = await this.trail.lock(manager, tenantId);
      const [last] = await manager.query<{ sequence: string; hash: Buffer }[]>(
        `select sequence, hash from gk.audit_events
         where ${ofChain} and sequence < coalesce(
           (select min(sequence) from gk.audit_events where ${ofChain} and created_at >= $2), ${beyondAll})
         order by sequence desc limit 1`,
        [tenantId, before],
      );
      if (!last) return 0;
      const place = {
        sequence: Number(last.sequence),
        hash: last.hash.toString('hex'),
        at: head.at.toISOString(),
      };
      const { kid, mac } = this.trail.macs.make(placeMessage('cut', tenantId, place));
      const cut = { ...place, kid, mac: mac.toString('hex') };
      const [row] = await manager.query<{ removed: number }[]>(
        'select gk.prune_audit_events($1, $2) as removed',
        [tenantId, JSON.stringify(cut)],
      );
      const removed = row?.removed ?? 0;
      const data = { before: before.toISOString(), through: place.sequence, removed };
      const event = { actor: 'operator', action: 'audit.prune', target: null, outcome: 'done', data };
      await this.trail.append(manager, tenantId, [event], head);
      return removed;
    });
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}

const beyondAll = '9223372036854775807';
const ofChain = '(tenant_id = $1 or ($1::uuid is null and tenant_id is null))';
