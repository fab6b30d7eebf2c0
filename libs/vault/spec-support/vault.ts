import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { systemClock } from '#provider-kit';
import { AuditTrail } from '../audit/audit-trail.js';
import { dataSourceOptions } from '../data-source-options.js';
import { Database } from '../database.js';
import type { KeyEncryptionKeys } from '../encryption/kek-provider.js';
import { RowMac } from '../encryption/row-mac.js';
import { Sealer } from '../encryption/sealer.js';
import { ApiKeyRepository } from '../repositories/api-key.repository.js';
import { AuditRepository } from '../repositories/audit.repository.js';
import { AuthorizationRepository } from '../repositories/authorization.repository.js';
import type { Claim, ClaimLimits } from '../repositories/claim.js';
import type { CommittedTokens } from '../repositories/commit-statement.js';
import { ConnectionRepository } from '../repositories/connection.repository.js';
import { ConsoleSessionRepository } from '../repositories/console-session.repository.js';
import { CredentialRepository } from '../repositories/credential.repository.js';
import { DataKeyRepository } from '../repositories/data-key.repository.js';
import { DeliveryRepository } from '../repositories/delivery.repository.js';
import { HousekeepingRepository } from '../repositories/housekeeping.repository.js';
import { IdempotencyRepository } from '../repositories/idempotency.repository.js';
import { KeyRepository } from '../repositories/key.repository.js';
import { PendingGrantRepository } from '../repositories/pending-grant.repository.js';
import { RenewalRepository } from '../repositories/renewal.repository.js';
import { TenantRepository } from '../repositories/tenant.repository.js';
import { TenantRemovalRepository } from '../repositories/tenant-removal.repository.js';
import { TokenRepository } from '../repositories/token.repository.js';
import { WebhookRepository } from '../repositories/webhook.repository.js';
import { WorkloadIdentityRepository } from '../repositories/workload-identity.repository.js';
import { kek } from './kek.js';

/** Shared by every vault of one test file, unless a test brings its own. */
const keks: KeyEncryptionKeys = { deploymentId: 'deployment-1', keys: [kek('k1')] };

/** The repositories of one replica, without Nest around them. */
export type TestVault = Awaited<ReturnType<typeof openVault>>;

export async function openVault(url: string, keys: KeyEncryptionKeys = keks) {
  const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
  const database = new Database(dataSource);
  const sealer = new Sealer(keys);
  const macs = new RowMac(keys);
  const trail = new AuditTrail(sealer);
  const apiKeys = new ApiKeyRepository(database, macs);
  const workloadIdentities = new WorkloadIdentityRepository(database, macs);
  const pendingGrants = new PendingGrantRepository(database, sealer);
  return {
    database,
    sealer,
    apiKeys,
    audit: new AuditRepository(database, trail),
    authorizations: new AuthorizationRepository(database, sealer),
    connections: new ConnectionRepository(database, pendingGrants),
    pendingGrants,
    consoleSessions: new ConsoleSessionRepository(database, macs),
    credentials: new CredentialRepository(database, sealer),
    dataKeys: new DataKeyRepository(database, sealer, trail),
    deliveries: new DeliveryRepository(database, sealer, systemClock),
    housekeeping: new HousekeepingRepository(database),
    keys: new KeyRepository(database, sealer, apiKeys, workloadIdentities),
    idempotency: new IdempotencyRepository(database),
    renewals: new RenewalRepository(database, sealer, systemClock),
    tenants: new TenantRepository(database, sealer),
    tenantRemovals: new TenantRemovalRepository(database),
    tokens: new TokenRepository(database, sealer),
    webhooks: new WebhookRepository(database, sealer),
    workloadIdentities,
    close: () => dataSource.destroy(),
  };
}

export interface Populated {
  readonly tenantId: string;
  readonly slug: string;
  readonly credentialId: string;
  readonly connectionId: string;
  /** Leased and at generation 1. */
  readonly claim: Claim;
}

/** Of a replica that lives in this test only; others do not wait for its journal unless told to. */
export const lease = (seconds = 15, graceSeconds = 0) => ({
  owner: randomUUID(),
  journalId: randomUUID(),
  seconds,
  graceSeconds,
});

/** A worker with room for everything. */
export const idle: ClaimLimits = {
  tenants: {},
  upstreams: {},
  partitions: {},
  tenantLimit: 1_000,
  upstreamLimit: 1_000,
};

/** Tokens of one hour, issued now by the process's clock: good enough where no test looks at the instants. */
export function tokens(accessToken: string, overrides: Partial<CommittedTokens> = {}): CommittedTokens {
  const now = Date.now();
  return {
    contents: { accessToken, tokenType: 'Bearer', scope: null, refreshToken: null },
    issuedAt: new Date(now),
    expiresAt: new Date(now + 3_600_000),
    refreshTokenExpiresAt: null,
    nextRenewalAt: new Date(now + 3_000_000),
    renewAheadAt: null,
    grantEndsAt: null,
    rotating: false,
    singleUse: false,
    announce: false,
    ...overrides,
  };
}

/** A tenant with a credential. */
export async function addCredential(vault: TestVault) {
  const slug = `t-${randomBytes(5).toString('hex')}`;
  const { id: tenantId } = await vault.tenants.create({ slug, name: slug });
  const credential = await vault.credentials.create(tenantId, {
    slug: 'main',
    provider: 'some-provider',
    clientId: 'client',
    secret: { kind: 'client_secret', value: `secret of ${slug}` },
    settings: {},
  });
  return { tenantId, slug, credentialId: credential.id };
}

/** The secrets of the credential named `main`, newest first. */
export async function storedSecrets({ credentials }: TestVault, tenantId: string) {
  const credential = await credentials.find(tenantId, 'main');
  return credential ? credentials.openSecrets(credential) : [];
}

export function addConnection(
  vault: TestVault,
  { tenantId, credentialId }: { tenantId: string; credentialId: string },
  slug = 'main',
) {
  return vault.connections.create(tenantId, {
    slug,
    credentialId,
    grant: 'client_credentials',
    subject: null,
    requestedScope: null,
    renewal: 'auto',
    takeOverSeconds: null,
  });
}

/** Told of every event; the events that follow become its deliveries. */
export function addWebhook(vault: TestVault, tenantId: string, events: readonly string[] | null = null) {
  return vault.webhooks.create(tenantId, {
    url: 'https://receiver.example/hook',
    description: null,
    events,
    secret: `whsec_${Buffer.from(`signs for ${tenantId}`).toString('base64')}`,
  });
}

/** @throws Error when the lease is refused */
export async function claimNow(
  vault: TestVault,
  target: { tenantId: string; connectionId: string; generation: number },
  seconds = 15,
): Promise<Claim> {
  const claim = await vault.renewals.claim(target, lease(seconds));
  if ('refusal' in claim) throw new Error(`Expected a claim, got ${claim.refusal}.`);
  return claim;
}

/** Writes the next generation. @returns whether it was written */
export async function commitNow(vault: TestVault, claim: Claim, accessToken: string): Promise<boolean> {
  const loaded = await vault.renewals.load(claim);
  if (!loaded) throw new Error('Expected a loaded claim.');
  return vault.renewals.commit(claim, loaded, tokens(accessToken));
}

/** A tenant with at least one row in every table. */
export async function populate(vault: TestVault): Promise<Populated> {
  const base = await addCredential(vault);
  await addWebhook(vault, base.tenantId);
  const { id: connectionId } = await addConnection(vault, base);
  await vault.connections.setLabels(base.tenantId, connectionId, { team: 'sales' });
  const target = { tenantId: base.tenantId, connectionId };
  await commitNow(vault, await claimNow(vault, { ...target, generation: 0 }), `token of ${base.slug}`);
  const reader = await vault.apiKeys.create({
    tenantId: base.tenantId,
    name: 'reader',
    role: 'token_reader',
    connections: null,
    expiresAt: null,
    hash: randomBytes(32),
  });
  await vault.consoleSessions.begin(base.tenantId, { kind: 'key', id: reader.id, person: '' });
  await vault.workloadIdentities.create(base.tenantId, {
    slug: 'ci',
    issuer: 'https://ci.example',
    audience: null,
    match: { sub: { glob: 'repo:acme/*' } },
    role: 'token_reader',
    connections: null,
  });
  await vault.pendingGrants.put(base.tenantId, connectionId, {
    contents: { grant: { type: 'refresh_token', refreshToken: `pending of ${base.slug}` } },
    intervalSeconds: null,
    expiresInSeconds: 60,
    dueInSeconds: null,
  });
  await vault.authorizations.create(base.tenantId, {
    connectionId,
    linkHash: randomBytes(32),
    stateHash: randomBytes(32),
    alternateStateHash: null,
    returnUrl: null,
    secrets: { authorizationUrl: 'https://a.example', redirectUri: 'https://b.example', codeVerifier: 'v' },
    expiresInSeconds: 60,
  });
  const { tenantId } = base;
  await vault.audit.append({ tenantId, actor: 'test', action: 'populate', target: null, outcome: 'done' });
  await vault.idempotency.begin({
    tenantId: base.tenantId,
    caller: base.slug,
    route: 'POST /somewhere',
    key: 'key',
    requestHash: randomBytes(32),
  });
  const claim = await claimNow(vault, { ...target, generation: 1 });
  return { ...base, connectionId, claim };
}
