import type { ConnectionFields } from '../entities/connection.entity.js';

export interface NewScope {
  readonly requestedScope: string;
  /** SHA-256, hex, of what only one connection may ask for; null where connections do not disturb each other. */
  readonly exclusiveKey: string | null;
}

/** The parts of a new authorisation beside the one-time credential that it brought. */
export interface NewAuthorization {
  /** Out of the callback. */
  readonly fields?: ConnectionFields;
  /** Present where another scope was asked for than the connection has. */
  readonly newScope?: NewScope;
  /** Whether another account may take the place of the one that has consented before. */
  readonly allowsAccountChange?: boolean;
}
