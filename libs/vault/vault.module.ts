import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SETTINGS, type Settings, SettingsError } from '#config';
import { CLOCK, systemClock } from '#provider-kit';
import { AuditChains } from './audit/audit-chains.js';
import { AuditTrail } from './audit/audit-trail.js';
import { ChangeFeed } from './change-feed.js';
import { checkSchema } from './check-schema.js';
import { dataSourceOptions } from './data-source-options.js';
import { Database } from './database.js';
import type { KeyEncryptionKeys } from './encryption/kek-provider.js';
import { openKeks } from './encryption/open-keks.js';
import { RowMac } from './encryption/row-mac.js';
import { Sealer } from './encryption/sealer.js';
import { ActivityRepository } from './repositories/activity.repository.js';
import { ApiKeyRepository } from './repositories/api-key.repository.js';
import { AuditRepository } from './repositories/audit.repository.js';
import { AuthorizationRepository } from './repositories/authorization.repository.js';
import { ConnectionRepository } from './repositories/connection.repository.js';
import { ConsoleSessionRepository } from './repositories/console-session.repository.js';
import { CredentialRepository } from './repositories/credential.repository.js';
import { DataKeyRepository } from './repositories/data-key.repository.js';
import { DeliveryRepository } from './repositories/delivery.repository.js';
import { HoldRepository } from './repositories/hold.repository.js';
import { HousekeepingRepository } from './repositories/housekeeping.repository.js';
import { IdempotencyRepository } from './repositories/idempotency.repository.js';
import { InstallationRepository } from './repositories/installation.repository.js';
import { JournalRepository } from './repositories/journal.repository.js';
import { KeyRepository } from './repositories/key.repository.js';
import { OverviewRepository } from './repositories/overview.repository.js';
import { PendingGrantRepository } from './repositories/pending-grant.repository.js';
import { QuotaRepository } from './repositories/quota.repository.js';
import { RenewalRepository } from './repositories/renewal.repository.js';
import { TenantRepository } from './repositories/tenant.repository.js';
import { TenantRemovalRepository } from './repositories/tenant-removal.repository.js';
import { TokenRepository } from './repositories/token.repository.js';
import { UnreadAnswerRepository } from './repositories/unread-answer.repository.js';
import { WebhookRepository } from './repositories/webhook.repository.js';
import { WorkloadIdentityRepository } from './repositories/workload-identity.repository.js';
import { SealCountSchedule } from './seal-count.schedule.js';

const repositories = [
  ApiKeyRepository,
  QuotaRepository,
  ActivityRepository,
  AuditRepository,
  AuthorizationRepository,
  ConnectionRepository,
  ConsoleSessionRepository,
  CredentialRepository,
  DataKeyRepository,
  HoldRepository,
  DeliveryRepository,
  HousekeepingRepository,
  IdempotencyRepository,
  InstallationRepository,
  JournalRepository,
  KeyRepository,
  OverviewRepository,
  PendingGrantRepository,
  RenewalRepository,
  TenantRemovalRepository,
  TenantRepository,
  TokenRepository,
  UnreadAnswerRepository,
  WebhookRepository,
  WorkloadIdentityRepository,
];

/**
 * A network whose other end is gone may say nothing for a quarter of an hour. The longest statement of the apps, the
 * removal of a thousand connections, takes less than this.
 */
const silentMs = 60_000;

const keyEncryptionKeys = Symbol('KEY_ENCRYPTION_KEYS');

/** Codes of a database that is not there yet: worth waiting for at start. Anything else is reported at once. */
const notYetThere = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', '57P03'];

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [SETTINGS],
      useFactory: (settings: Settings) => ({
        ...dataSourceOptions(requireDatabaseUrl(settings), settings.databasePool, silentMs),
        retryAttempts: 10,
        retryDelay: 1_000,
        toRetry: (error: { code?: string }) => notYetThere.includes(error.code ?? ''),
        verboseRetryLog: false,
      }),
    }),
  ],
  providers: [
    Database,
    { provide: CLOCK, useValue: systemClock },
    ChangeFeed,
    {
      provide: keyEncryptionKeys,
      inject: [DataSource, SETTINGS],
      useFactory: async (dataSource: DataSource, settings: Settings): Promise<KeyEncryptionKeys> => {
        await checkSchema(dataSource);
        return openKeks(dataSource, settings);
      },
    },
    ...[Sealer, RowMac].map((of) => ({
      provide: of,
      inject: [keyEncryptionKeys],
      useFactory: (keks: KeyEncryptionKeys) => new of(keks),
    })),
    AuditTrail,
    AuditChains,
    SealCountSchedule,
    ...repositories,
  ],
  exports: [Database, ChangeFeed, CLOCK, AuditChains, ...repositories],
})
export class VaultModule {}

function requireDatabaseUrl({ databaseUrl }: Settings): string {
  if (databaseUrl === undefined)
    throw new SettingsError('DATABASE_URL is required; npm start brings its own database.');
  return databaseUrl;
}
