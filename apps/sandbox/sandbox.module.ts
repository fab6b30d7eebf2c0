import { type DynamicModule, Module } from '@nestjs/common';
import { BackchannelController } from './control/backchannel.controller.js';
import { BehavioursController } from './control/behaviours.controller.js';
import { ClientsController } from './control/clients.controller.js';
import { DemoApplicationController } from './control/demo-application.controller.js';
import { GrantsController } from './control/grants.controller.js';
import { PeopleController } from './control/people.controller.js';
import { RequestsController } from './control/requests.controller.js';
import { RulesController } from './control/rules.controller.js';
import { TokensController } from './control/tokens.controller.js';
import { WorldController } from './control/world.controller.js';
import { createIssuers, ISSUERS } from './issuers/issuer-list.js';
import { LivezController } from './livez.controller.js';
import { HomeController } from './page/home.controller.js';
import { OpenRequests } from './requests/open-requests.js';
import { RequestHandler } from './requests/request-handler.js';
import { SANDBOX_LOG, type SandboxLog } from './sandbox.log.js';
import { AuthorizationCodes } from './world/authorization-codes.js';
import { BackchannelRequests } from './world/backchannel-requests.js';
import { Behaviours } from './world/behaviours.js';
import { ClientRegistry } from './world/client-registry.js';
import { Consents } from './world/consents.js';
import { Grants } from './world/grants.js';
import { People } from './world/people.js';
import { RequestLog } from './world/request-log.js';
import { RuleBook } from './world/rule-book.js';
import { SandboxClock } from './world/sandbox-clock.js';
import { SeenOnce } from './world/seen-once.js';
import { Tally } from './world/tally.js';
import { TokenLedger } from './world/token-ledger.js';
import { World } from './world/world.js';

const STATE = [
  SandboxClock,
  ClientRegistry,
  TokenLedger,
  AuthorizationCodes,
  BackchannelRequests,
  Consents,
  Grants,
  People,
  SeenOnce,
  Behaviours,
  RuleBook,
  RequestLog,
  Tally,
  World,
];

@Module({})
class SandboxModule {}

/** The whole sandbox; a function, since the log comes from outside. */
export function sandboxModule(log: SandboxLog): DynamicModule {
  return {
    module: SandboxModule,
    controllers: [
      HomeController,
      LivezController,
      ClientsController,
      BehavioursController,
      RulesController,
      TokensController,
      RequestsController,
      WorldController,
      PeopleController,
      GrantsController,
      BackchannelController,
      DemoApplicationController,
    ],
    providers: [
      { provide: SANDBOX_LOG, useValue: log },
      { provide: ISSUERS, useFactory: createIssuers },
      ...STATE,
      OpenRequests,
      RequestHandler,
    ],
  };
}
