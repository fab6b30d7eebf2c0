import { Inject, Injectable } from '@nestjs/common';
import type { Client } from '../issuers/desk.js';
import type { Issuer } from '../issuers/issuer.js';
import { ISSUERS } from '../issuers/issuer-list.js';

/** The applications each provider knows: the ones of the vendor pages, and those a test registers. */
@Injectable()
export class ClientRegistry {
  readonly #clients = new Map<string, Client>();

  constructor(@Inject(ISSUERS) private readonly issuers: readonly Issuer[]) {
    this.reset();
  }

  /** Registering the same client again replaces all that was known of it. */
  register(client: Client): void {
    this.#clients.set(key(client.provider, client.clientId), client);
  }

  find(provider: string, clientId: string): Client | undefined {
    return this.#clients.get(key(provider, clientId));
  }

  remove(provider: string, clientId: string): boolean {
    return this.#clients.delete(key(provider, clientId));
  }

  list(): readonly Client[] {
    return [...this.#clients.values()];
  }

  reset(): void {
    this.#clients.clear();
    for (const issuer of this.issuers) {
      for (const client of issuer.seededClients) this.register(clientOf(issuer, client));
    }
  }
}

/** A member that is made when it is first read stays one. */
function clientOf({ id }: Issuer, client: Omit<Client, 'provider'>): Client {
  return Object.create(Object.prototype, {
    ...Object.getOwnPropertyDescriptors(client),
    provider: { value: id, enumerable: true },
  });
}

function key(provider: string, clientId: string): string {
  return `${provider} ${clientId}`;
}
