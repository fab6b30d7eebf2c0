import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type Grant, type GrantFilter, Grants, type RefreshToken } from '../world/grants.js';
import { toInstant } from '../world/sandbox-clock.js';
import { World } from '../world/world.js';
import { badRequest, notFound } from './bad-request.js';
import { type GrantBody, type GrantQuery, grantQuerySchema, grantSchema } from './grant.schemas.js';

const BECAUSE = 'revoked by the control API';

/** Who allowed which client what, and what became of the refresh tokens. */
@Controller('_control/grants')
export class GrantsController {
  readonly #grants: Grants;

  constructor(private readonly world: World) {
    this.#grants = world.grants;
  }

  @Get()
  list(@Query({ schema: grantQuerySchema }) query: GrantQuery) {
    return { items: this.#grants.list(filterOf(query)).map((grant) => this.#view(grant)) };
  }

  /** A grant as if its user had allowed it some other way; its refresh token can be imported elsewhere. */
  @Post()
  make(@Body({ schema: grantSchema }) body: GrantBody) {
    if (this.world.clients.find(body.provider, body.client_id) === undefined) {
      throw badRequest([{ path: ['client_id'], message: 'no such client of this provider' }]);
    }
    const { provider, client_id: clientId, user, scope } = body;
    const grant = this.#grants.open({ provider, clientId, user, scope });
    const { token } = this.#grants.addRefreshToken(grant, body.lifetime_seconds);
    return { refresh_token: token, ...this.#view(grant) };
  }

  @Get(':id')
  find(@Param('id') id: string) {
    return this.#view(this.#get(id));
  }

  /** As when a user takes back what was allowed: refresh and access tokens stop working. */
  @Delete(':id')
  @HttpCode(204)
  revoke(@Param('id') id: string): void {
    this.#grants.revoke(this.#get(id), BECAUSE);
  }

  @Delete()
  revokeAll(@Query({ schema: grantQuerySchema }) query: GrantQuery) {
    const revoked = this.#grants.list(filterOf(query)).filter((grant) => this.#grants.revoke(grant, BECAUSE));
    return { revoked: revoked.length };
  }

  #get(id: string): Grant {
    const grant = this.#grants.get(id);
    if (grant === undefined) throw notFound();
    return grant;
  }

  #view(grant: Grant) {
    return {
      id: grant.id,
      provider: grant.provider,
      client_id: grant.clientId,
      user: grant.user,
      scope: grant.scope,
      started_at: toInstant(grant.startedAtMs),
      revoked_because: grant.revokedBecause ?? null,
      access_tokens: grant.accessTokens.length,
      refresh_tokens: grant.refreshTokens.map((refreshToken) => ({
        state: this.#grants.stateOf(grant, refreshToken),
        ...viewRefreshToken(refreshToken),
      })),
    };
  }
}

function viewRefreshToken(refreshToken: RefreshToken) {
  return {
    refresh_token: refreshToken.token,
    parent: refreshToken.parent?.token ?? null,
    presented: refreshToken.presented,
    spent: refreshToken.spent,
    issued_at: toInstant(refreshToken.issuedAtMs),
    expires_at: toInstant(refreshToken.expiresAtMs),
  };
}

function filterOf({ provider, client_id, user, refresh_token }: GrantQuery): GrantFilter {
  return {
    ...(provider !== undefined && { provider }),
    ...(client_id !== undefined && { clientId: client_id }),
    ...(user !== undefined && { user }),
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
  };
}
