import { type DynamicModule, Module } from '@nestjs/common';
import { VaultModule } from '#vault';
import { ConnectService } from './connect.service.js';
import { CredentialVerifier } from './credential-verifier.js';

@Module({})
export class ConnectModule {
  /** @param renewal exports `Renewer` */
  static with(renewal: DynamicModule): DynamicModule {
    return {
      module: ConnectModule,
      imports: [VaultModule, renewal],
      providers: [ConnectService, CredentialVerifier],
      exports: [ConnectService, CredentialVerifier],
    };
  }
}
