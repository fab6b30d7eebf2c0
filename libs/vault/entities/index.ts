import { ApiKey } from './api-key.entity.js';
import { AuditEvent } from './audit-event.entity.js';
import { AuthorizationSession } from './authorization-session.entity.js';
import { Connection } from './connection.entity.js';
import { ConnectionEvent } from './connection-event.entity.js';
import { ConsoleSession } from './console-session.entity.js';
import { Credential } from './credential.entity.js';
import { CredentialSecret } from './credential-secret.entity.js';
import { Delivery } from './delivery.entity.js';
import { IdempotencyKey } from './idempotency-key.entity.js';
import { PendingGrant } from './pending-grant.entity.js';
import { Tenant } from './tenant.entity.js';
import { TenantKey } from './tenant-key.entity.js';
import { Webhook } from './webhook.entity.js';
import { WorkloadIdentity } from './workload-identity.entity.js';

export const entities = [
  ApiKey,
  AuditEvent,
  AuthorizationSession,
  Connection,
  ConnectionEvent,
  ConsoleSession,
  Credential,
  CredentialSecret,
  Delivery,
  IdempotencyKey,
  PendingGrant,
  Tenant,
  TenantKey,
  Webhook,
  WorkloadIdentity,
];
