/** Who has consented, in the provider's own words. */
export interface Account {
  /** Tells this account from every other one of the provider. */
  readonly id: string;
  readonly email?: string;
  readonly name?: string;
  readonly organization?: string;
}
