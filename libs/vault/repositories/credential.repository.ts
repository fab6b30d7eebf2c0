import { Injectable } from '@nestjs/common';
import type { ClientSecret } from '#provider-kit';
import { describeChange } from '../audit/caller-change.js';
import { added, changes, removed, secret as secretValue, settingChanges } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { refusingDuplicates } from '../database-errors.js';
import { Sealer } from '../encryption/sealer.js';
import { Connection } from '../entities/connection.entity.js';
import { Credential } from '../entities/credential.entity.js';
import { CredentialSecret } from '../entities/credential-secret.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';
import { VaultError } from '../vault.errors.js';
import { checkCredentialSeal, sealCredential } from './credential-seal.js';
import { insertSecret, replaceSecrets, secretBinding } from './credential-secrets.js';
import { dataKeysOf } from './data-keys.js';

export interface NewCredential {
  readonly slug: string;
  readonly provider: string;
  readonly clientId: string;
  readonly secret: ClientSecret;
  readonly settings: Record<string, unknown>;
  /** Region or host that fails as one; default: all of the provider. */
  readonly upstream?: string;
}

export interface CredentialChange {
  readonly clientId: string;
  readonly settings: Record<string, unknown>;
  readonly upstream: string;
  /** The only one from then on; absent: those there are stay. */
  readonly secret?: ClientSecret | undefined;
}

export type SecretVersion = Pick<CredentialSecret, 'version' | 'kind' | 'provedAt'>;

@Injectable()
export class CredentialRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** The authorization servers that the callback without a tenant in its path serves, of all client credentials but these. */
  sharedCallbacks(tenantId: string, slug: string): Promise<{ provider: string; upstream: string }[]> {
    return this.database.call('select * from gk.shared_callbacks($1, $2)', [tenantId, slug]);
  }

  /** @throws VaultError `duplicate` */
  create(tenantId: string, { secret, ...credential }: NewCredential): Promise<Credential> {
    return refusingDuplicates(
      this.database.inTenant(tenantId, async (manager) => {
        const id = newRowId();
        const [key] = await dataKeysOf(manager, tenantId);
        await manager.insert(Credential, {
          ...credential,
          upstream: credential.upstream ?? credential.provider,
          settings: credential.settings as object,
          seal: await sealCredential(this.sealer, key, { ...credential, id, tenantId }),
          id,
          tenantId,
        });
        await insertSecret(manager, this.sealer, { tenantId, credentialId: id, version: 1 }, secret);
        describeChange(manager, {
          ...added({ id: credential.slug, provider: credential.provider, client_id: credential.clientId }),
          ...settingChanges({}, credential.settings),
          [secret.kind]: secretValue,
        });
        return manager.findOneByOrFail(Credential, { id });
      }),
    );
  }

  find(tenantId: string, slug: string): Promise<Credential | null> {
    return this.database.inTenant(tenantId, (manager) => manager.findOneBy(Credential, { tenantId, slug }));
  }

  list(tenantId: string, page: PageRequest): Promise<Page<Credential>> {
    return this.database.inTenant(tenantId, (manager) =>
      findPage(manager.getRepository(Credential), { tenantId }, page),
    );
  }

  /**
   * Replaces client id and settings, and with `secret` every secret there is. While connections use the credential,
   * that must be the secret in use, and not none: their refresh tokens go where the new settings say.
   * @returns why nothing was changed, or null when there is no such credential
   */
  update(
    tenantId: string,
    seen: Pick<Credential, 'id' | 'provider' | 'clientId' | 'settings'>,
    { secret, ...change }: CredentialChange,
  ): Promise<Credential | 'changed_meanwhile' | 'not_the_secret_in_use' | null> {
    return this.database.inTenant(tenantId, async (manager) => {
      const [row] = await manager.query<{ unchanged: boolean }[]>(
        `select client_id = $3 and settings = $4::jsonb as unchanged from gk.credentials
         where tenant_id = $1 and id = $2 for update`,
        [tenantId, seen.id, seen.clientId, JSON.stringify(seen.settings)],
      );
      if (!row) return null;
      if (!row.unchanged) return 'changed_meanwhile';
      if (
        secret &&
        !(await replaceSecrets(manager, this.sealer, { tenantId, credentialId: seen.id }, secret))
      ) {
        return 'not_the_secret_in_use';
      }
      const { id, provider } = seen;
      const { clientId, settings, upstream } = change;
      const [key] = await dataKeysOf(manager, tenantId);
      const seal = await sealCredential(this.sealer, key, { id, tenantId, provider, clientId, settings });
      await manager.query(
        `update gk.credentials set client_id = $3, settings = $4, seal = $5, upstream = $6, updated_at = gk.now()
         where tenant_id = $1 and id = $2`,
        [tenantId, id, clientId, JSON.stringify(settings), seal, upstream],
      );
      describeChange(manager, {
        ...changes({ client_id: seen.clientId }, { client_id: change.clientId }),
        ...settingChanges(seen.settings, change.settings),
        ...(secret && { [secret.kind]: secretValue }),
      });
      // Which hosts a proxy may send a token to is remembered by every replica.
      await manager.query("select pg_notify('gk_changes', $1)", [`tenant ${tenantId}`]);
      // The new settings may tell how to read what could not be read before.
      await manager.query(
        `update gk.connections set next_renewal_at = gk.now(), retry_not_before = null
         where tenant_id = $1 and credential_id = $2 and unread_by is not null`,
        [tenantId, seen.id],
      );
      return manager.findOneBy(Credential, { tenantId, id: seen.id });
    });
  }

  /** Adds the next version of the secret; older ones stay until they are removed. */
  addSecret(tenantId: string, credentialId: string, secret: ClientSecret): Promise<number> {
    return this.database.inTenant(tenantId, async (manager) => {
      await manager.query('select 1 from gk.credentials where id = $1 for update', [credentialId]);
      const version =
        ((await manager.maximum(CredentialSecret, 'version', { tenantId, credentialId })) ?? 0) + 1;
      await insertSecret(manager, this.sealer, { tenantId, credentialId, version }, secret);
      describeChange(manager, { ...added({ version }), [secret.kind]: secretValue });
      // Connections that failed for want of a right secret are due at once, with this one.
      await manager.query(
        `update gk.connections set next_renewal_at = gk.now(), retry_not_before = null
         where tenant_id = $1 and credential_id = $2 and last_error->>'code' = 'invalid_client' and next_renewal_at is not null`,
        [tenantId, credentialId],
      );
      return version;
    });
  }

  /** Which secrets there are of client credentials, newest first; not what they are. */
  secretVersions(tenantId: string, credentialId: string): Promise<SecretVersion[]> {
    return this.database.inTenant(tenantId, (manager) =>
      manager.find(CredentialSecret, {
        select: { id: true, version: true, kind: true, provedAt: true },
        where: { tenantId, credentialId },
        order: { version: 'DESC' },
      }),
    );
  }

  /**
   * All secrets of client credentials, newest first, opened.
   * @throws VaultError `cannot_open` also where the settings given here are not those that were sealed
   */
  openSecrets(credential: Credential): Promise<ClientSecret[]> {
    const { tenantId, id: credentialId } = credential;
    return this.database.inTenant(tenantId, async (manager) => {
      const keys = await dataKeysOf(manager, tenantId);
      await checkCredentialSeal(this.sealer, keys, credential, credential.seal);
      const rows = await manager.find(CredentialSecret, {
        where: { tenantId, credentialId },
        order: { version: 'DESC' },
      });
      return Promise.all(
        rows.map(async (row) => ({
          kind: row.kind,
          value: await this.sealer.open(row.sealed, keys, secretBinding(row)),
        })),
      );
    });
  }

  /** The provider has accepted this secret: those before it have done their service. */
  async prove(tenantId: string, credentialId: string, secretId: string): Promise<void> {
    await this.database.inTenant(tenantId, async (manager) => {
      const [proved] = await manager.query<[{ version: number }[], number]>(
        `update gk.credential_secrets set proved_at = gk.now()
         where tenant_id = $1 and credential_id = $2 and id = $3 and proved_at is null returning version`,
        [tenantId, credentialId, secretId],
      );
      if (!proved[0]) return;
      await manager.query(
        'delete from gk.credential_secrets where tenant_id = $1 and credential_id = $2 and version < $3',
        [tenantId, credentialId, proved[0].version],
      );
    });
  }

  /**
   * @returns false when there is no such credential
   * @throws VaultError `in_use` while connections use it
   */
  remove(tenantId: string, slug: string): Promise<boolean> {
    return this.database.inTenant(tenantId, async (manager) => {
      const credential = await manager.findOneBy(Credential, { tenantId, slug });
      if (!credential) return false;
      await manager.query('select 1 from gk.credentials where id = $1 for update', [credential.id]);
      if (await manager.existsBy(Connection, { tenantId, credentialId: credential.id }))
        throw new VaultError('in_use');
      describeChange(manager, removed({ id: slug, provider: credential.provider }));
      await manager.delete(Credential, { tenantId, id: credential.id });
      return true;
    });
  }
}
