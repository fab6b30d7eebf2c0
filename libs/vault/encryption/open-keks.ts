import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Settings } from '#config';
import { VaultError } from '../vault.errors.js';
import { awsKms } from './aws-kms.js';
import type { KeyEncryptionKey, KeyEncryptionKeys } from './kek-provider.js';
import { KeyService } from './key-service.js';
import { localKek } from './local-kek.js';
import { storedMacSecret } from './mac-secret.js';
import { Transit } from './transit.js';

/** Those of the settings, ready to be used. */
export type KekSettings = Pick<Settings, 'deploymentId' | 'keyEncryptionKeys' | 'transitToken'>;

/** A key service may start beside this process; it is asked for so long before the start fails. */
const attemptsAtStart = 10;
const retryMs = 1_200;

/** @throws VaultError `kek_unavailable`, `cannot_open` */
export async function openKeks(
  dataSource: DataSource,
  settings: KekSettings,
  attempts = attemptsAtStart,
): Promise<KeyEncryptionKeys> {
  const deploymentId = settings.deploymentId ?? (await storedDeploymentId(dataSource));
  const open = (one: Settings['keyEncryptionKeys'][number]) =>
    openKek(dataSource, deploymentId, one, settings.transitToken, attempts);
  return { deploymentId, keys: await Promise.all(settings.keyEncryptionKeys.map(open)) };
}

async function openKek(
  dataSource: DataSource,
  deploymentId: string,
  kek: Settings['keyEncryptionKeys'][number],
  transitToken: Settings['transitToken'],
  attempts: number,
): Promise<KeyEncryptionKey> {
  if (kek.kind === 'local') return localKek(kek.id, kek.key);
  const { id, kind } = kek;
  const client =
    kind === 'aws_kms' ? await awsKms(kek.keyId) : new Transit(kek.url, transitToken ?? (() => ''));
  const provider = new KeyService(id, client);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const query = (sql: string, parameters: unknown[]) =>
        dataSource.query<{ wrapped: string }[]>(sql, parameters);
      return { id, kind, provider, macSecret: await storedMacSecret(query, deploymentId, id, provider) };
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== 'kek_unavailable' || attempt === attempts)
        throw error;
      await sleep(retryMs);
    }
  }
}

async function storedDeploymentId(dataSource: DataSource): Promise<string> {
  const [row] = await dataSource.query<{ id: string }[]>('select id from gk.deployment');
  if (!row) throw new Error('The database names no deployment.');
  return row.id;
}
