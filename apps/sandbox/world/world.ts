import { Injectable } from '@nestjs/common';
import { AuthorizationCodes } from './authorization-codes.js';
import { BackchannelRequests } from './backchannel-requests.js';
import { Behaviours } from './behaviours.js';
import { ClientRegistry } from './client-registry.js';
import { Consents } from './consents.js';
import { Grants } from './grants.js';
import { People } from './people.js';
import { RequestLog } from './request-log.js';
import { RuleBook } from './rule-book.js';
import { SandboxClock } from './sandbox-clock.js';
import { SeenOnce } from './seen-once.js';
import { Tally } from './tally.js';
import { TokenLedger } from './token-ledger.js';

/** Everything the sandbox remembers. */
@Injectable()
export class World {
  constructor(
    readonly clock: SandboxClock,
    readonly clients: ClientRegistry,
    readonly tokens: TokenLedger,
    readonly codes: AuthorizationCodes,
    readonly consents: Consents,
    readonly grants: Grants,
    readonly backchannel: BackchannelRequests,
    readonly people: People,
    readonly seenOnce: SeenOnce,
    readonly behaviours: Behaviours,
    readonly rules: RuleBook,
    readonly requestLog: RequestLog,
    readonly tally: Tally,
  ) {}

  /** Back to the state of a sandbox that has just started. */
  reset(): void {
    this.clock.reset();
    this.clients.reset();
    this.tokens.reset();
    this.codes.reset();
    this.consents.reset();
    this.grants.reset();
    this.backchannel.reset();
    this.people.reset();
    this.seenOnce.reset();
    this.behaviours.reset();
    this.rules.reset();
    this.requestLog.reset();
    this.tally.reset();
  }
}
