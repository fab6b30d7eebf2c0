import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { describeChange } from '../audit/caller-change.js';
import { added, removed } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { RowMac, type RowSeal } from '../encryption/row-mac.js';
import type { ApiKey } from '../entities/api-key.entity.js';
import { ConsoleSession } from '../entities/console-session.entity.js';
import type { WorkloadIdentity } from '../entities/workload-identity.entity.js';
import { newRowId } from '../row-id.js';
import { sealedMembers as keyMembers } from './api-key.repository.js';
import {
  readSessionToken,
  type SessionHolder,
  type SessionToken,
  sessionMembers,
  writeSessionToken,
} from './console-session-token.js';
import { isOurs } from './row-let-in.js';
import { sealedMembers as identityMembers } from './workload-identity.repository.js';

/** From sign-in on, used or not: eight hours. */
const lifetimeSeconds = 8 * 3_600;
/** Without a request: half an hour. */
const idleSeconds = 30 * 60;

/** A session that is good now. */
export interface UsableSession {
  readonly holder: SessionHolder;
  readonly tenantId: string | null;
  readonly tenantSlug: string | null;
  /** Of the key or the workload identity; null: of a platform administrator by single sign-on. */
  readonly role: string | null;
  readonly connections: readonly string[] | null;
  /** Of the workload identity. */
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly rateLimitPerSecond: number | null;
  readonly keyRateLimitPerSecond: number | null;
  readonly secondsSinceSignIn: number;
}

/** Its row, with the one that lets its holder in, or with neither. */
type FoundRow = Omit<UsableSession, 'holder' | 'secondsSinceSignIn'> &
  Partial<RowSeal> & {
    readonly id: string | null;
    readonly apiKeyId: string | null;
    readonly identityId: string | null;
    readonly sessionExpiresAt: Date;
    readonly askedAt: Date;
  };

/**
 * Sessions of browsers. The row says that a session has not ended; whose it is, the signature of its token says too:
 * whoever can write into the database can neither make a session nor turn one into another's.
 */
@Injectable()
export class ConsoleSessionRepository {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMac,
  ) {}

  /**
   * @param authenticatedAt absent: now
   * @returns its token
   */
  begin(tenantId: string | null, holder: SessionHolder, authenticatedAt?: Date): Promise<string> {
    const secret = randomBytes(32);
    return this.scope(tenantId, async (manager) => {
      const id = newRowId();
      const idOf = (kind: SessionHolder['kind']) => (holder.kind === kind ? holder.id : null);
      await manager.query(
        `insert into gk.console_sessions (id, tenant_id, api_key_id, identity_id, hash, expires_at)
         values ($1, $2, $3, $4, $5, date_trunc('second', gk.now()) + make_interval(secs => $6))`,
        [id, tenantId, idOf('key'), idOf('identity'), hashOf(secret), lifetimeSeconds],
      );
      const { expiresAt } = await manager.findOneByOrFail(ConsoleSession, { id });
      describeChange(manager, added({ session: id, expires_at: expiresAt }));
      const begunMs = expiresAt.getTime() - lifetimeSeconds * 1_000;
      const token = {
        ...{ secret, holder, expiresAt },
        authenticatedAt: new Date(Math.min(begunMs, wholeSeconds(authenticatedAt?.getTime() ?? begunMs))),
      };
      return writeSessionToken({ ...token, ...this.macs.seal(sessionMembers(token)) });
    });
  }

  /** @returns undefined for a session that has ended, or whose API key or workload identity is not good now */
  async findUsable(token: string): Promise<UsableSession | undefined> {
    const session = this.read(token);
    if (!session) return undefined;
    const [row] = await this.database.call<FoundRow>(
      `select id, api_key_id as "apiKeyId", identity_id as "identityId", hash, role, tenant_id as "tenantId",
         tenant_slug as "tenantSlug", connections, expires_at as "expiresAt", slug, issuer, audience, match,
         mac_kid as "macKid", mac, rate_limit as "rateLimitPerSecond", key_rate_limit as "keyRateLimitPerSecond",
         session_expires_at as "sessionExpiresAt", asked_at as "askedAt"
       from gk.find_console_session($1, $2)`,
      [hashOf(session.secret), idleSeconds],
    );
    if (!row || !isAsSigned(session, row) || !this.isLetIn(session.holder, row)) return undefined;
    const sinceMs = row.askedAt.getTime() - session.authenticatedAt.getTime();
    return { ...row, holder: session.holder, secondsSinceSignIn: sinceMs / 1_000 };
  }

  /** Ends it, for every replica at once: each request looks. */
  end(tenantId: string | null, token: string): Promise<void> {
    return this.scope(tenantId, async (manager) => {
      const session = this.read(token);
      const row = session && (await manager.findOneBy(ConsoleSession, { hash: hashOf(session.secret) }));
      if (!row) return;
      describeChange(manager, removed({ session: row.id, expires_at: row.expiresAt }));
      await manager.delete(ConsoleSession, { id: row.id });
    });
  }

  private read(token: string): SessionToken | undefined {
    const session = readSessionToken(token);
    return session && this.macs.verifies(sessionMembers(session), session) ? session : undefined;
  }

  /** Whether the row that lets its holder in was written here. */
  private isLetIn({ kind }: SessionHolder, row: FoundRow): boolean {
    const { macKid, mac } = row;
    if (kind === 'administrator') return true;
    const members =
      kind === 'key'
        ? keyMembers(row as unknown as ApiKey)
        : identityMembers(row as unknown as WorkloadIdentity);
    return macKid !== undefined && mac !== undefined && isOurs(this.macs, members, { macKid, mac });
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}

function isAsSigned({ holder, expiresAt }: SessionToken, row: FoundRow): boolean {
  const named = holder.kind === 'administrator' ? null : holder.id;
  return (
    row.sessionExpiresAt.getTime() === expiresAt.getTime() &&
    row.apiKeyId === (holder.kind === 'key' ? named : null) &&
    row.identityId === (holder.kind === 'identity' ? named : null) &&
    row.id === named &&
    (holder.kind !== 'administrator' || row.tenantId === null)
  );
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

function hashOf(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}
