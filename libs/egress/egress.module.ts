import { HttpModule } from '@nestjs/axios';
import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common';
import { EGRESS_OPTIONS, type EgressOptions } from './egress.options.js';
import { GuardedHttpClient } from './guarded-http.client.js';

export interface EgressAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<EgressOptions>['useFactory'];
}

/** Carries the options only: configuration is global, the client is imported by each lib that uses it. */
@Module({})
class EgressOptionsModule {}

@Module({ imports: [HttpModule], providers: [GuardedHttpClient], exports: [GuardedHttpClient] })
export class EgressModule {
  /** Imported once, by the app; libs import `EgressModule` itself. */
  static forRootAsync(options: EgressAsyncOptions): DynamicModule {
    return {
      module: EgressOptionsModule,
      global: true,
      imports: options.imports ?? [],
      providers: [{ provide: EGRESS_OPTIONS, inject: options.inject ?? [], useFactory: options.useFactory }],
      exports: [EGRESS_OPTIONS],
    };
  }
}
