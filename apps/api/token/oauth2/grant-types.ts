/** By what a client of the token endpoint asks: as itself, or with a token about it (RFC 8693). */
export const grantTypes: ReadonlyMap<string, 'client' | 'subject'> = new Map([
  ['client_credentials', 'client'],
  ['urn:ietf:params:oauth:grant-type:token-exchange', 'subject'],
] as const);
