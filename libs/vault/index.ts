export { AuditChains, type AuditReport, type ChainReport, type Pruned } from './audit/audit-chains.js';
export type { Checkpoint, NewAuditEvent } from './audit/audit-trail.js';
export { withAuditChains } from './audit/with-audit-chains.js';
export { type Change, ChangeFeed } from './change-feed.js';
export { Database } from './database.js';
export { isDatabaseOutage, isPoolWait } from './database-outage.js';
export { dryRun } from './dry-run.js';

export type { ApiKey } from './entities/api-key.entity.js';
export type { AuditEvent } from './entities/audit-event.entity.js';
export {
  type Connection,
  type ConnectionFields,
  type ConnectionStatus,
  connectionStatuses,
  type Labels,
  type LastError,
  type ProviderErrorWords,
  type RenewalMode,
  renewalModes,
} from './entities/connection.entity.js';
export type { ConnectionEvent } from './entities/connection-event.entity.js';
export type { Credential } from './entities/credential.entity.js';
export { type Delivery, deliveryStatuses } from './entities/delivery.entity.js';
export { auditReadModes, type Tenant } from './entities/tenant.entity.js';
export type { Webhook } from './entities/webhook.entity.js';
export type { WorkloadIdentity } from './entities/workload-identity.entity.js';
export { growingCache } from './growing-cache.js';
export { type Asked, HeardCache } from './heard-cache.js';
export { InFlight } from './in-flight.js';
export { inspectDatabase } from './inspect-database.js';
export { migrate } from './migrate.js';
export type { Page, PageRequest } from './page.js';
export { ActivityRepository } from './repositories/activity.repository.js';
export { ApiKeyRepository, fingerprintBytes } from './repositories/api-key.repository.js';
export { AuditRepository } from './repositories/audit.repository.js';
export {
  AuthorizationRepository,
  type FoundSession,
  type SessionSecrets,
} from './repositories/authorization.repository.js';
export type {
  Claim,
  ClaimedConnection,
  ClaimedSecret,
  ClaimLimits,
  ClaimRefusal,
  ClaimRefused,
  DueClaim,
  Lease,
  Partition,
} from './repositories/claim.js';
export { partitionName } from './repositories/claim.js';
export { ConnectionRepository } from './repositories/connection.repository.js';
export { ConsoleSessionRepository, type UsableSession } from './repositories/console-session.repository.js';
export type { SessionHolder } from './repositories/console-session-token.js';
export { CredentialRepository, type SecretVersion } from './repositories/credential.repository.js';
export { DataKeyRepository } from './repositories/data-key.repository.js';
export { DeliveryRepository } from './repositories/delivery.repository.js';
export type { AttemptEnd, ClaimedDelivery, DeliveryClaim } from './repositories/delivery-claim.js';
export { type Hold, HoldRepository } from './repositories/hold.repository.js';
export { HousekeepingRepository } from './repositories/housekeeping.repository.js';
export { IdempotencyRepository, type IdempotentRequest } from './repositories/idempotency.repository.js';
export { InstallationRepository } from './repositories/installation.repository.js';
export { type JournalComparison, JournalRepository } from './repositories/journal.repository.js';
export { type KeyEncryptionKeyUse, KeyRepository } from './repositories/key.repository.js';
export type { NewAuthorization } from './repositories/new-authorization.js';
export { OverviewRepository } from './repositories/overview.repository.js';
export { PendingGrantRepository } from './repositories/pending-grant.repository.js';
export type { PendingGrantContents } from './repositories/pending-grant-contents.js';
export { type QuotaKind, QuotaRepository } from './repositories/quota.repository.js';
export { RenewalRepository } from './repositories/renewal.repository.js';
export { TenantRepository } from './repositories/tenant.repository.js';
export { TenantRemovalRepository } from './repositories/tenant-removal.repository.js';
export { type TokenReading, TokenRepository } from './repositories/token.repository.js';
export type { TokenContents } from './repositories/token-contents.js';
export type { UnreadAnswer } from './repositories/unread-answer.js';
export { UnreadAnswerRepository } from './repositories/unread-answer.repository.js';
export { WebhookRepository } from './repositories/webhook.repository.js';
export {
  type ConsoleIdentity,
  WorkloadIdentityRepository,
} from './repositories/workload-identity.repository.js';
export { standingReasons } from './standing-reasons.js';
export { VaultError } from './vault.errors.js';
export { VaultModule } from './vault.module.js';
