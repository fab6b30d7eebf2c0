import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import type { Client } from '../issuers/desk.js';
import type { Issuer } from '../issuers/issuer.js';
import { ISSUERS } from '../issuers/issuer-list.js';
import { ClientRegistry } from '../world/client-registry.js';
import { badRequest, notFound } from './bad-request.js';
import { type ClientBody, type ClientPatch, clientPatchSchema, clientSchema } from './client.schemas.js';

@Controller('_control/clients')
export class ClientsController {
  constructor(
    private readonly clients: ClientRegistry,
    @Inject(ISSUERS) private readonly issuers: readonly Issuer[],
  ) {}

  @Post()
  register(@Body({ schema: clientSchema }) body: ClientBody) {
    if (!this.issuers.some(({ id }) => id === body.provider)) {
      throw badRequest([{ path: ['provider'], message: 'no such provider' }]);
    }
    const nothing = { secrets: [], publicKeys: [], redirectUris: [] };
    return this.#keep({ provider: body.provider, clientId: body.client_id, ...nothing }, body);
  }

  @Patch(':provider/:clientId')
  change(
    @Param('provider') provider: string,
    @Param('clientId') clientId: string,
    @Body({ schema: clientPatchSchema }) patch: ClientPatch,
  ) {
    const known = this.clients.find(provider, clientId);
    if (known === undefined) throw notFound();
    return this.#keep(known, patch);
  }

  @Get()
  list() {
    return { items: this.clients.list().map(view) };
  }

  @Delete(':provider/:clientId')
  @HttpCode(204)
  remove(@Param('provider') provider: string, @Param('clientId') clientId: string): void {
    if (!this.clients.remove(provider, clientId)) throw notFound();
  }

  #keep(known: Client, { client_secret, public_key, redirect_uris }: ClientPatch) {
    const client = {
      ...known,
      secrets: client_secret === undefined ? known.secrets : [client_secret].flat(),
      publicKeys: public_key === undefined ? known.publicKeys : [public_key].flat(),
      redirectUris: redirect_uris ?? known.redirectUris,
    };
    this.clients.register(client);
    return view(client);
  }
}

/** Without the secrets: whoever registered a client knows them. */
function view(client: Client) {
  return {
    provider: client.provider,
    client_id: client.clientId,
    secrets: client.secrets.length,
    public_keys: client.publicKeys.length,
    redirect_uris: client.redirectUris,
  };
}
