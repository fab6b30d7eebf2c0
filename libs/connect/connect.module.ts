import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { AuthorizationService } from './authorization.service.js';
import { AuthorizationWishes } from './authorization-wishes.js';
import { BackchannelService } from './backchannel.service.js';
import { CallbackService } from './callback.service.js';
import { CodeExchange } from './code-exchange.js';
import { ConnectService } from './connect.service.js';
import { CredentialOpener } from './credential-opener.js';
import { CredentialVerifier } from './credential-verifier.js';
import { DisconnectService } from './disconnect.service.js';
import { GrantProbeService } from './grant-probe.service.js';
import { VisitLimiter } from './visit-limiter.js';

const services = [
  AuthorizationService,
  AuthorizationWishes,
  BackchannelService,
  CallbackService,
  CodeExchange,
  ConnectService,
  CredentialVerifier,
  DisconnectService,
  GrantProbeService,
  VisitLimiter,
];

@Module({})
export class ConnectModule {
  /**
   * @param catalog exports `PROVIDER_REGISTRY`
   * @param renewal exports `Renewer`
   */
  static with(catalog: NonNullable<DynamicModule['imports']>[number], renewal: DynamicModule): DynamicModule {
    return {
      module: ConnectModule,
      imports: [VaultModule, catalog, renewal],
      providers: [CredentialOpener, ...services],
      exports: services,
    };
  }
}
