import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import type { Binding } from '../encryption/binding.js';
import { Sealer } from '../encryption/sealer.js';
import { AuthorizationSession } from '../entities/authorization-session.entity.js';
import { newRowId } from '../row-id.js';
import { dataKeysOf } from './data-keys.js';
import type { NewAuthorization } from './new-authorization.js';

/** The plaintext of a session. */
export interface SessionSecrets {
  /** Where the browser is sent; it may carry a number or a state. */
  readonly authorizationUrl: string;
  /** As sent to the provider: the token request must name the same. */
  readonly redirectUri: string;
  /** PKCE (RFC 7636). */
  readonly codeVerifier: string;
  readonly authorization?: NewAuthorization;
  /** The code, between callback and confirmation. */
  readonly code?: string;
}

export interface NewSession {
  readonly connectionId: string;
  readonly linkHash: Buffer;
  readonly stateHash: Buffer;
  readonly alternateStateHash: Buffer | null;
  readonly returnUrl: string | null;
  readonly secrets: SessionSecrets;
  readonly expiresInSeconds: number;
}

export interface FoundSession {
  readonly tenantId: string;
  readonly session: AuthorizationSession;
  readonly secrets: SessionSecrets;
  /** Its link was not opened in time, or its browser not back. */
  readonly expired: boolean;
}

/** Sessions of code flows. Each step that may happen once is one conditional UPDATE. */
@Injectable()
export class AuthorizationRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** From here on no earlier session of the connection counts: neither its link, nor its callback or confirmation. */
  create(tenantId: string, { secrets, expiresInSeconds, ...session }: NewSession): Promise<void> {
    return this.database.inTenant(tenantId, async (manager) => {
      const id = newRowId();
      const [key] = await dataKeysOf(manager, tenantId);
      const sealed = await this.sealer.seal(JSON.stringify(secrets), key, sessionBinding(tenantId, id));
      await manager.query(
        `update gk.authorization_sessions set expires_at = least(expires_at, gk.now()), confirmation_hash = null
         where connection_id = $1 and confirmed_at is null`,
        [session.connectionId],
      );
      await manager.query(
        `insert into gk.authorization_sessions
           (id, tenant_id, connection_id, link_hash, state_hash, alternate_state_hash, return_url, sealed, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, gk.now() + make_interval(secs => $9))`,
        [
          id,
          tenantId,
          session.connectionId,
          session.linkHash,
          session.stateHash,
          session.alternateStateHash,
          session.returnUrl,
          sealed,
          expiresInSeconds,
        ],
      );
    });
  }

  /** @param hash of a link, a state, or a provider's own state */
  async find(hash: Buffer): Promise<FoundSession | undefined> {
    const [row] = await this.database.call<{ id: string; tenant_id: string }>(
      'select * from gk.find_authorization($1)',
      [hash],
    );
    if (!row) return undefined;
    const { id, tenant_id: tenantId } = row;
    return this.database.inTenant(tenantId, async (manager) => {
      const session = await manager.findOneBy(AuthorizationSession, { tenantId, id });
      if (!session) return undefined;
      const opened = await this.sealer.open(
        session.sealed,
        await dataKeysOf(manager, tenantId),
        sessionBinding(tenantId, id),
      );
      const [clock] = await manager.query<{ expired: boolean }[]>(
        'select gk.now() >= $1::timestamptz as expired',
        [session.expiresAt],
      );
      return {
        tenantId,
        session,
        secrets: JSON.parse(opened) as SessionSecrets,
        expired: clock?.expired ?? true,
      };
    });
  }

  /**
   * Opens the link, once; its browser must be back within ten minutes.
   * @returns false when it has been opened before or has expired
   */
  open(tenantId: string, id: string, cookieHash: Buffer | null): Promise<boolean> {
    return this.once(
      tenantId,
      `update gk.authorization_sessions set opened_at = gk.now(), cookie_hash = $2,
         expires_at = gk.now() + interval '10 minutes'
       where id = $1 and opened_at is null and expires_at > gk.now() returning id`,
      [id, cookieHash],
    );
  }

  /** Takes the callback, once. @returns false when one has been taken before, or the session has expired */
  take(tenantId: string, id: string): Promise<boolean> {
    return this.once(
      tenantId,
      `update gk.authorization_sessions set returned_at = gk.now()
       where id = $1 and returned_at is null and expires_at > gk.now() returning id`,
      [id],
    );
  }

  /** Keeps the code, and what came with it, until somebody confirms with the confirmation code. */
  awaitConfirmation(
    { tenantId, session }: FoundSession,
    secrets: SessionSecrets,
    confirmationHash: Buffer,
    confirmWithinSeconds: number,
  ): Promise<void> {
    return this.database.inTenant(tenantId, async (manager) => {
      const [key] = await dataKeysOf(manager, tenantId);
      const plaintext = JSON.stringify(secrets);
      const sealed = await this.sealer.seal(plaintext, key, sessionBinding(tenantId, session.id));
      await manager.query(
        `update gk.authorization_sessions set sealed = $2, confirmation_hash = $3,
           confirm_until = gk.now() + make_interval(secs => $4) where id = $1`,
        [session.id, sealed, confirmationHash, confirmWithinSeconds],
      );
    });
  }

  /**
   * Confirms the latest session of a connection, once.
   * @returns the session's secrets with the code, or why not
   */
  confirm(
    tenantId: string,
    connectionId: string,
    confirmationHash: Buffer,
  ): Promise<SessionSecrets | 'wrong' | 'repeated' | 'too_late'> {
    return this.database.inTenant(tenantId, async (manager) => {
      const session = await manager.findOneBy(AuthorizationSession, {
        tenantId,
        connectionId,
        confirmationHash,
      });
      if (!session) return 'wrong';
      if (session.confirmedAt) return 'repeated';
      const rows = await manager.query<[{ in_time: boolean }[], number]>(
        `update gk.authorization_sessions set confirmed_at = gk.now() where id = $1 and confirmed_at is null
         returning confirm_until > gk.now() as in_time`,
        [session.id],
      );
      const [confirmed] = rows[0];
      if (!confirmed) return 'repeated';
      if (!confirmed.in_time) return 'too_late';
      const keys = await dataKeysOf(manager, tenantId);
      return JSON.parse(
        await this.sealer.open(session.sealed, keys, sessionBinding(tenantId, session.id)),
      ) as SessionSecrets;
    });
  }

  private once(tenantId: string, statement: string, parameters: unknown[]): Promise<boolean> {
    return this.database.inTenant(tenantId, async (manager) => {
      const [rows] = await manager.query<[unknown[], number]>(statement, parameters);
      return rows.length > 0;
    });
  }
}

function sessionBinding(tenantId: string, rowId: string): Binding {
  return { tenantId, table: 'authorization_sessions', column: 'sealed', rowId, generation: 1 };
}
