import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccessModule, CallerGuard, PermissionGuard } from '#access';
import { CoreModule } from '#core';
import { ActivityController } from './activity/activity.controller.js';
import { OverviewController } from './activity/overview.controller.js';
import { ReadersController } from './activity/readers.controller.js';
import { ApiKeyService } from './api-keys/api-key.service.js';
import { PlatformKeysController } from './api-keys/platform-keys.controller.js';
import { TenantKeysController } from './api-keys/tenant-keys.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { AuditDrain } from './audit/audit-drain.js';
import { CallbackController } from './connect/callback.controller.js';
import { ConnectController } from './connect/connect.controller.js';
import { PageLooks } from './connect/page-look.js';
import { StrangerLog } from './connect/stranger-log.js';
import { AuthorizationController } from './connections/authorization.controller.js';
import { ConnectionService } from './connections/connection.service.js';
import { ConnectionProbeController } from './connections/connection-probe.controller.js';
import { ConnectionRenewalController } from './connections/connection-renewal.controller.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { NewConnectionService } from './connections/new-connection.service.js';
import { PromptLimits } from './connections/prompt-limits.js';
import { ChangeStreams } from './console/change-streams.js';
import { ChangesController } from './console/changes.controller.js';
import { ConsoleRoutes } from './console/console.routes.js';
import { ConsoleSessionController } from './console/console-session.controller.js';
import { SsoController } from './console/sso.controller.js';
import { CredentialService } from './credentials/credential.service.js';
import { CredentialForm } from './credentials/credential-form.js';
import { CredentialSecretsController } from './credentials/credential-secrets.controller.js';
import { CredentialsController } from './credentials/credentials.controller.js';
import { SharedCallback } from './credentials/shared-callback.js';
import { HealthController } from './health/health.controller.js';
import { HoldController } from './hold/hold.controller.js';
import { DryRunGuard } from './http/dry-run.guard.js';
import { PathGuard, TenantPathGuard } from './http/path.guard.js';
import { RouteTable } from './http/route-table.js';
import { validationPipe } from './http/validation.pipe.js';
import { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.js';
import { DataKeysController } from './keys/data-keys.controller.js';
import { KeysController } from './keys/keys.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { PresetsController } from './providers/presets.controller.js';
import { ProvidersController } from './providers/providers.controller.js';
import { TenantQuotas } from './tenants/tenant-quotas.js';
import { TenantsController } from './tenants/tenants.controller.js';
import { TokenModule } from './token/token.module.js';
import { DeliveriesController } from './webhooks/deliveries.controller.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WorkloadIdentitiesController } from './workload-identities/workload-identities.controller.js';

/** Guards and interceptors run in the order in which they are listed: a replay is audited once. */
const forEveryRoute = [
  { provide: APP_FILTER, useClass: ProblemFilter },
  { provide: APP_GUARD, useExisting: CallerGuard },
  { provide: APP_GUARD, useClass: TenantPathGuard },
  { provide: APP_GUARD, useClass: PermissionGuard },
  { provide: APP_GUARD, useClass: PathGuard },
  { provide: APP_GUARD, useClass: DryRunGuard },
  { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  { provide: APP_PIPE, useValue: validationPipe },
];

@Module({
  imports: [CoreModule, AccessModule, TokenModule],
  controllers: [
    HealthController,
    HoldController,
    KeysController,
    DataKeysController,
    MetricsController,
    ProvidersController,
    PresetsController,
    PlatformKeysController,
    TenantsController,
    TenantKeysController,
    WorkloadIdentitiesController,
    CredentialsController,
    CredentialSecretsController,
    ConnectionsController,
    ConnectionProbeController,
    ConnectionRenewalController,
    AuthorizationController,
    ConnectController,
    CallbackController,
    WebhooksController,
    DeliveriesController,
    AuditController,
    ConsoleSessionController,
    SsoController,
    ChangesController,
    ActivityController,
    OverviewController,
    ReadersController,
  ],
  providers: [
    CallerGuard,
    ...forEveryRoute,
    ApiKeyService,
    AuditDrain,
    ChangeStreams,
    ConsoleRoutes,
    CredentialForm,
    CredentialService,
    ConnectionService,
    NewConnectionService,
    PromptLimits,
    SharedCallback,
    TenantQuotas,
    PageLooks,
    StrangerLog,
  ],
})
export class ApiModule {
  /** @param routes filled by the server under Nest as routes are added */
  static with(routes: RouteTable): DynamicModule {
    return {
      module: ApiModule,
      providers: [{ provide: RouteTable, useValue: routes }],
      exports: [RouteTable],
    };
  }
}
