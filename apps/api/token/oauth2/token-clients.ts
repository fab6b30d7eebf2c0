import { Injectable } from '@nestjs/common';
import { Authenticator, type Principal, RefusalLog, WorkloadTokens } from '#access';
import type { ClientAuthentication } from './client-authentication.js';
import { invalidClient } from './oauth-error.js';

/** Who the clients of the token endpoint are. */
@Injectable()
export class TokenClients {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly workloads: WorkloadTokens,
    private readonly refusals: RefusalLog,
  ) {}

  /** @throws OAuthError `invalid_client` */
  async byKey(
    { clientId, clientSecret }: Extract<ClientAuthentication, { kind: 'secret' }>,
    address: string,
  ): Promise<Principal> {
    const principal = await this.authenticator.authenticate(clientSecret, address);
    if (!principal) this.refusals.noteUnauthenticated(clientSecret);
    if (principal?.callerId !== clientId) throw invalidClient();
    return principal;
  }

  /**
   * A client id beside the assertion must be its subject (RFC 7521 §4.2).
   * @throws OAuthError `invalid_client`
   */
  async byAssertion(
    { clientId, jwt }: Extract<ClientAuthentication, { kind: 'assertion' }>,
    tenant: string,
    address: string,
  ): Promise<Principal> {
    const principal = await this.workloads.authenticate(jwt, tenant, address);
    if (!principal) throw invalidClient();
    const { callerId } = principal;
    const subject = callerId.slice(callerId.indexOf(' ') + 1);
    if (clientId !== undefined && clientId !== subject) throw invalidClient();
    return principal;
  }

  /** @returns undefined for a JWT by which nobody of that tenant is meant */
  bySubject(jwt: string, tenant: string, address: string): Promise<Principal | undefined> {
    return this.workloads.authenticate(jwt, tenant, address);
  }
}
