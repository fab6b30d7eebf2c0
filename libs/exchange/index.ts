export { Exchange, type ExchangeResult, type SpendOptions } from './exchange.js';
export { ExchangeModule } from './exchange.module.js';
export { type ExchangeFailure, fromError, fromProvider } from './exchange-failure.js';
export type { DueTimes, ExchangePolicy, IssuedLifetimes } from './exchange-policy.js';
export { Journals } from './journals.js';
export { isRenewable } from './next-grant.js';
export { Replay } from './replay.js';
export { withEachSecret } from './secret-overlap.js';
export { Spending } from './spending.js';
