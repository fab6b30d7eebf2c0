export { Exchange, type ExchangeResult } from './exchange.js';
export { ExchangeModule } from './exchange.module.js';
export { type ExchangeFailure, fromError, fromProvider } from './exchange-failure.js';
export type { ExchangePolicy, IssuedLifetimes } from './exchange-policy.js';
export { isRenewable } from './next-grant.js';
