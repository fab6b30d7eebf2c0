export { type Change, ChangeFeed } from './change-feed.js';
export { CLOCK } from './clock.token.js';
export { Database } from './database.js';
export { isDatabaseOutage } from './database-outage.js';
export type { ApiKey } from './entities/api-key.entity.js';
export type { AuditEvent } from './entities/audit-event.entity.js';
export {
  type Connection,
  type ConnectionStatus,
  connectionStatuses,
  type LastError,
  type RenewalMode,
  renewalModes,
} from './entities/connection.entity.js';
export type { ConnectionEvent } from './entities/connection-event.entity.js';
export type { Credential } from './entities/credential.entity.js';
export { type Delivery, type DeliveryStatus, deliveryStatuses } from './entities/delivery.entity.js';
export type { Tenant } from './entities/tenant.entity.js';
export type { Webhook } from './entities/webhook.entity.js';
export { migrate } from './migrate.js';
export type { Page, PageRequest } from './page.js';
export { ApiKeyRepository, type NewApiKey, type UsableApiKey } from './repositories/api-key.repository.js';
export { AuditRepository, type NewAuditEvent } from './repositories/audit.repository.js';
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
  CommittedTokens,
  DueClaim,
  FailedRenewal,
  Lease,
  Partition,
  PendingGrant,
} from './repositories/claim.js';
export { partitionName } from './repositories/claim.js';
export { ConnectionRepository, type NewConnection } from './repositories/connection.repository.js';
export { CredentialRepository, type NewCredential } from './repositories/credential.repository.js';
export { DeliveryRepository } from './repositories/delivery.repository.js';
export type { AttemptEnd, ClaimedDelivery, DeliveryClaim } from './repositories/delivery-claim.js';
export { type Hold, HoldRepository } from './repositories/hold.repository.js';
export { HousekeepingRepository } from './repositories/housekeeping.repository.js';
export {
  type IdempotencyAnswer,
  IdempotencyRepository,
  type IdempotentRequest,
} from './repositories/idempotency.repository.js';
export { type JournalComparison, JournalRepository } from './repositories/journal.repository.js';
export { type NewPendingGrant, PendingGrantRepository } from './repositories/pending-grant.repository.js';
export type { PendingGrantContents } from './repositories/pending-grant-contents.js';
export { RenewalRepository } from './repositories/renewal.repository.js';
export { TenantRepository } from './repositories/tenant.repository.js';
export { type TokenReading, TokenRepository } from './repositories/token.repository.js';
export type { TokenContents } from './repositories/token-contents.js';
export { type NewWebhook, WebhookRepository } from './repositories/webhook.repository.js';
export { VaultError, type VaultErrorCode } from './vault.errors.js';
export { VaultModule } from './vault.module.js';
