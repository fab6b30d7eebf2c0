import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { describeChange } from '../audit/caller-change.js';
import { added, removed } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { RowMac, type RowSeal } from '../encryption/row-mac.js';
import { ConsoleSession } from '../entities/console-session.entity.js';
import { newRowId } from '../row-id.js';
import { sealedMembers, type UsableApiKey } from './api-key.repository.js';
import {
  readSessionToken,
  type SessionToken,
  sessionMembers,
  writeSessionToken,
} from './console-session-token.js';
import { isOurs } from './row-let-in.js';

/** From sign-in on, used or not: eight hours. */
const lifetimeSeconds = 8 * 3_600;
/** Without a request: half an hour. */
const idleSeconds = 30 * 60;

/** The API key of a session that is good now. */
export interface UsableSession extends Omit<UsableApiKey, 'expiresInMs'> {
  readonly sessionExpiresAt: Date;
}

interface NewSession {
  readonly token: string;
  readonly expiresAt: Date;
}

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

  begin(tenantId: string | null, apiKeyId: string): Promise<NewSession> {
    const secret = randomBytes(32);
    return this.scope(tenantId, async (manager) => {
      const id = newRowId();
      await manager.query(
        `insert into gk.console_sessions (id, tenant_id, api_key_id, hash, expires_at)
         values ($1, $2, $3, $4, date_trunc('second', gk.now()) + make_interval(secs => $5))`,
        [id, tenantId, apiKeyId, hashOf(secret), lifetimeSeconds],
      );
      const { expiresAt } = await manager.findOneByOrFail(ConsoleSession, { id });
      describeChange(manager, added({ session: id, expires_at: expiresAt }));
      const { macKid, mac } = this.macs.seal(sessionMembers(secret, apiKeyId, expiresAt));
      return { token: writeSessionToken({ secret, apiKeyId, expiresAt, macKid, mac }), expiresAt };
    });
  }

  /** @returns undefined for a session that has ended, or whose API key is not valid now */
  async findUsable(token: string): Promise<UsableSession | undefined> {
    const session = this.read(token);
    if (!session) return undefined;
    const [row] = await this.database.call<
      UsableSession & RowSeal & { hash: Buffer; expiresAt: Date | null }
    >(
      `select id, hash, role, tenant_id as "tenantId", tenant_slug as "tenantSlug", connections, expires_at as "expiresAt",
         mac_kid as "macKid", mac, rate_limit as "rateLimitPerSecond", key_rate_limit as "keyRateLimitPerSecond",
         session_expires_at as "sessionExpiresAt"
       from gk.find_console_session($1, $2)`,
      [hashOf(session.secret), idleSeconds],
    );
    const isAsSigned =
      row?.id === session.apiKeyId && row.sessionExpiresAt.getTime() === session.expiresAt.getTime();
    return row && isAsSigned && isOurs(this.macs, sealedMembers(row), row) ? row : undefined;
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
    if (!session) return undefined;
    const { secret, apiKeyId, expiresAt } = session;
    return this.macs.verifies(sessionMembers(secret, apiKeyId, expiresAt), session) ? session : undefined;
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}

function hashOf(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}
