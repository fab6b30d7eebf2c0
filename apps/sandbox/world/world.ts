import { Injectable } from '@nestjs/common';
import { Behaviours } from './behaviours.js';
import { ClientRegistry } from './client-registry.js';
import { Journal } from './journal.js';
import { RuleBook } from './rule-book.js';
import { SandboxClock } from './sandbox-clock.js';
import { Tally } from './tally.js';
import { TokenLedger } from './token-ledger.js';

/** Everything the sandbox remembers. */
@Injectable()
export class World {
  constructor(
    readonly clock: SandboxClock,
    readonly clients: ClientRegistry,
    readonly tokens: TokenLedger,
    readonly behaviours: Behaviours,
    readonly rules: RuleBook,
    readonly journal: Journal,
    readonly tally: Tally,
  ) {}

  /** Back to the state of a sandbox that has just started. */
  reset(): void {
    this.clock.reset();
    this.clients.reset();
    this.tokens.reset();
    this.behaviours.reset();
    this.rules.reset();
    this.journal.reset();
    this.tally.reset();
  }
}
