import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { Client } from '../issuers/desk.js';
import type { Issuer } from '../issuers/issuer.js';
import { ISSUERS } from '../issuers/issuer-list.js';
import { ClientRegistry } from '../world/client-registry.js';
import { badRequest, notFound } from './bad-request.js';
import { type ClientBody, clientSchema } from './control.schemas.js';

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
    const client = {
      provider: body.provider,
      clientId: body.client_id,
      secrets: [body.client_secret].flat(),
    };
    this.clients.register(client);
    return view(client);
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
}

/** Without the secrets: whoever registered a client knows them. */
function view(client: Client) {
  return { provider: client.provider, client_id: client.clientId, secrets: client.secrets.length };
}
