import { Body, Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { InjectSettings, type Settings } from '#config';
import { AuthorizationService, AuthorizationWishes, BackchannelService, CodeExchange } from '#connect';
import { grants, grantTraits, PROVIDER_REGISTRY, ProviderRegistry } from '#provider-kit';
import type { Connection, NewAuthorization } from '#vault';
import { ReplayWithout } from '../idempotency/replay-without.js';
import { Answers } from '../openapi/answers.js';
import { invalidField, Problem } from '../problem/problem.js';
import { providerProblem, unavailableProblem } from '../problem/provider-problem.js';
import { TenantQuotas } from '../tenants/tenant-quotas.js';
import { connectionJson, connectionSchema } from './connection.schemas.js';
import { ConnectionService } from './connection.service.js';
import {
  type AuthorizeBody,
  authorizeSchema,
  type CompleteBody,
  checkScope,
  completeSchema,
} from './new-connection.schemas.js';
import { backchannelJson, pendingConnectionSchema, redirectJson } from './pending-connection.js';
import { PromptLimits } from './prompt-limits.js';
import { checkedReturnUrl } from './return-url.js';

/** Authorising a connection that exists: again, or to the end. It keeps its id and its history. */
@ApiTags('connections')
@Controller('v1/tenants/:tenant/connections/:id')
export class AuthorizationController {
  constructor(
    private readonly service: ConnectionService,
    private readonly authorizations: AuthorizationService,
    private readonly backchannel: BackchannelService,
    private readonly codes: CodeExchange,
    private readonly wishes: AuthorizationWishes,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
    private readonly quotas: TenantQuotas,
    private readonly prompts: PromptLimits,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  @Post('authorize')
  @HttpCode(202)
  @Allow('connection.authorize')
  @ReplayWithout('authorization_url')
  @Answers(202, 'Ask for the consent of the user again', pendingConnectionSchema, 422)
  async authorize(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Body({ schema: authorizeSchema }) body: AuthorizeBody,
  ) {
    const { scope = null, allow_account_change } = body;
    const connection = await this.service.find(tenant.id, id);
    const { consent } = grantTraits[connection.grant];
    if (consent !== 'none') {
      checkScope(this.registry.get(connection.credential?.provider ?? ''), connection.grant, scope);
      const wish = await this.wishes.check(tenant.id, connection, scope, allow_account_change);
      return consent === 'browser'
        ? this.redirect(tenant, connection, body, wish)
        : this.ask(tenant, connection, wish);
    }
    throw new Problem('conflict', {
      detail: 'Nobody has to consent to this connection.',
      remedy: 'Renew it, or make a new one.',
    });
  }

  @Post('complete')
  @HttpCode(200)
  @Allow('connection.authorize')
  @Answers(200, 'Confirm that the right person has authorised the connection', connectionSchema, 202, 422)
  async complete(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Body({ schema: completeSchema }) { confirmation_code }: CompleteBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const connection = await this.service.find(tenant.id, id);
    const result = await this.codes.confirm(tenant.id, connection, confirmation_code);
    switch (result.kind) {
      case 'active':
        return connectionJson(result.connection, tenant.slug);
      case 'wrong':
        throw invalidField('confirmation_code', 'is not one of this connection');
      case 'repeated':
        throw new Problem('conflict', { detail: 'This confirmation code has been used.' });
      case 'too_late':
        throw new Problem('reauthorization_required', {
          detail: 'The code of the provider has ended.',
          remedy: 'Authorise the connection again.',
        });
      case 'refused':
        throw providerProblem(result.failure);
      case 'unread':
        reply.code(202);
        return connectionJson(result.connection, tenant.slug);
      case 'unavailable':
        throw unavailableProblem(result);
    }
  }

  private async redirect(
    tenant: TenantRef,
    connection: Connection,
    { return_url, link_ttl }: AuthorizeBody,
    wish: NewAuthorization,
  ) {
    const returnUrl = checkedReturnUrl(return_url, connection.credential?.settings ?? {}, this.settings);
    await this.quotas.assertRoom(tenant.id, 'open_links');
    const started = await this.authorizations.start(tenant, connection, {
      returnUrl,
      linkSeconds: link_ttl,
      ...wish,
    });
    if (started.kind === 'refused') throw providerProblem(started.failure);
    return redirectJson(connection, tenant.slug, started);
  }

  private async ask(tenant: TenantRef, connection: Connection, authorization: NewAuthorization) {
    if (grants[connection.grant].subjectField !== undefined && connection.subject === null) {
      throw new Problem('conflict', {
        detail: 'The login hint of this connection was good for one request, and has not been kept.',
        remedy: 'Make a new connection with a new login hint.',
      });
    }
    this.prompts.count(tenant.id, connection);
    const started = await this.backchannel.restart(tenant.id, connection, { authorization });
    if (started.kind === 'refused') throw providerProblem(started.failure);
    return backchannelJson(connection, tenant.slug, started);
  }
}
