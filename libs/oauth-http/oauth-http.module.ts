import { HttpModule } from '@nestjs/axios';
import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common';
import { GuardedHttpClient } from './guarded-http.client.js';
import { IssuerMetadataClient } from './issuer-metadata.client.js';
import { OAUTH_HTTP_OPTIONS, type OauthHttpOptions } from './oauth-http.options.js';
import { TokenEndpointClient } from './token-endpoint.client.js';

export interface OauthHttpAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<OauthHttpOptions>['useFactory'];
}

/** Carries the options only: configuration is global, the client is imported by each provider that uses it. */
@Module({})
class OauthHttpOptionsModule {}

@Module({
  imports: [HttpModule],
  providers: [TokenEndpointClient, IssuerMetadataClient, GuardedHttpClient],
  exports: [TokenEndpointClient, IssuerMetadataClient, GuardedHttpClient],
})
export class OauthHttpModule {
  /** Imported once, by the app; the providers import `OauthHttpModule` itself. */
  static forRootAsync(options: OauthHttpAsyncOptions): DynamicModule {
    return {
      module: OauthHttpOptionsModule,
      global: true,
      imports: options.imports ?? [],
      providers: [
        { provide: OAUTH_HTTP_OPTIONS, inject: options.inject ?? [], useFactory: options.useFactory },
      ],
      exports: [OAUTH_HTTP_OPTIONS],
    };
  }
}
