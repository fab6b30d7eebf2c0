import { Inject, Injectable } from '@nestjs/common';
import type { TenantRef } from '#access';
import { InjectSettings, type Settings } from '#config';
import { AuthorizationService, BackchannelService, ConnectService, type WantedConnection } from '#connect';
import {
  type GrantFields,
  type GrantType,
  grantFromFields,
  grants,
  grantTraits,
  PROVIDER_REGISTRY,
  ProviderRegistry,
  type TokenProvider,
} from '#provider-kit';
import { ConnectionRepository, CredentialRepository, type PendingGrantContents } from '#vault';
import { CredentialService } from '../credentials/credential.service.js';
import { generatedSlug } from '../http/generated-slug.js';
import { invalidField } from '../problem/problem.js';
import { providerProblem, unavailableProblem } from '../problem/provider-problem.js';
import { validationProblem } from '../problem/validation-problem.js';
import { TenantQuotas } from '../tenants/tenant-quotas.js';
import { connectionJson } from './connection.schemas.js';
import { grantFieldsSchema, type NewConnectionBody } from './new-connection.schemas.js';
import { type Begun, backchannelJson, redirectJson } from './pending-connection.js';
import { PromptLimits } from './prompt-limits.js';
import { checkedReturnUrl } from './return-url.js';

/** Makes a connection by whatever its grant needs: one request, a browser, or a telephone. */
@Injectable()
export class NewConnectionService {
  constructor(
    private readonly credentials: CredentialRepository,
    private readonly connections: ConnectionRepository,
    private readonly connecting: ConnectService,
    private readonly authorizations: AuthorizationService,
    private readonly backchannel: BackchannelService,
    private readonly clients: CredentialService,
    private readonly quotas: TenantQuotas,
    private readonly prompts: PromptLimits,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** @param verify whether the provider is asked about the client credentials first */
  async create(tenant: TenantRef, body: NewConnectionBody, verify: boolean): Promise<Begun> {
    const { wanted, fields } = await this.check(tenant, body, verify);
    const { consent } = grantTraits[wanted.grant];
    if (consent === 'browser') return this.authorize(tenant, wanted, fields);
    if (consent === 'backchannel') return this.ask(tenant, wanted, fields.login_hint);
    return this.connect(tenant, wanted, sentAtOnce(wanted.grant, fields));
  }

  /**
   * As `create`, but for the grant: asking for that would call a user, or use up what works once.
   * @returns the connection that would have been made
   */
  async tryOut(tenant: TenantRef, body: NewConnectionBody, verify: boolean) {
    const { wanted, fields } = await this.check(tenant, body, verify);
    const added = await this.connecting.add(tenant.id, wanted, sentAtOnce(wanted.grant, fields));
    return connectionJson(added, tenant.slug);
  }

  /** @throws Problem where the request does not fit the provider, or there is no room */
  private async check(tenant: TenantRef, body: NewConnectionBody, verify: boolean) {
    const { id, credential: credentialSlug, grant, subject, renewal, labels, ...rest } = body;
    const credential = await this.credentials.find(tenant.id, credentialSlug);
    if (!credential) throw invalidField('credential', 'is not a credential of this tenant');
    const provider = this.registry.get(credential.provider);
    const { grants } = provider.descriptor;
    if (!grants.includes(grant)) {
      throw invalidField('grant', `is not offered by this provider, which has ${grants.join(', ')}`);
    }
    const fields = checkedFields(provider, grant, rest);
    const misfit = provider.findFieldMisfit?.(credential.settings, grant, fields);
    if (misfit) throw invalidField(misfit.field, misfit.message);
    const keepsHint =
      fields.login_hint === undefined || (provider.keepsLoginHint?.(credential.settings) ?? true);
    if (!keepsHint && subject != null)
      throw invalidField('subject', 'is not kept for a login hint of this kind');
    const wanted: WantedConnection = {
      slug: id ?? generatedSlug('conn'),
      credential,
      grant,
      subject: keepsHint ? subjectOf(provider, grant, fields, subject ?? null) : null,
      requestedScope: fields.scope ?? null,
      renewal,
      labels,
    };
    await this.quotas.assertRoom(tenant.id, 'connections');
    if (grantTraits[grant].consent === 'browser') {
      checkedReturnUrl(fields.return_url, credential.settings, this.settings);
      await this.quotas.assertRoom(tenant.id, 'open_links');
    }
    if (verify) await this.clients.assertAccepted(tenant.id, credential.slug);
    return { wanted, fields };
  }

  private async connect(
    tenant: TenantRef,
    wanted: WantedConnection,
    pendingGrant: PendingGrantContents | null,
  ): Promise<Begun> {
    const result = await this.connecting.connect(tenant.id, wanted, pendingGrant);
    if (result.kind === 'active')
      return { status: 201, body: connectionJson(result.connection, tenant.slug) };
    if (result.kind === 'unread')
      return { status: 202, body: connectionJson(result.connection, tenant.slug) };
    if (result.kind === 'refused') throw providerProblem(result.failure);
    throw unavailableProblem(result);
  }

  private async authorize(
    tenant: TenantRef,
    wanted: WantedConnection,
    { return_url, link_ttl }: GrantFields,
  ): Promise<Begun> {
    const returnUrl = checkedReturnUrl(return_url, wanted.credential.settings, this.settings);
    const connection = await this.connecting.add(tenant.id, wanted);
    const started = await this.authorizations.start(tenant, connection, { returnUrl, linkSeconds: link_ttl });
    if (started.kind === 'refused') {
      await this.connections.remove(tenant.id, connection.id);
      throw providerProblem(started.failure);
    }
    return { status: 202, body: redirectJson(connection, tenant.slug, started) };
  }

  private async ask(
    tenant: TenantRef,
    wanted: WantedConnection,
    loginHint: string | undefined,
  ): Promise<Begun> {
    this.prompts.count(tenant.id, wanted);
    const started = await this.backchannel.start(tenant.id, wanted, loginHint);
    if (started.kind === 'refused') throw providerProblem(started.failure);
    return { status: 202, body: backchannelJson(started.connection, tenant.slug, started) };
  }
}

/** @throws Problem `invalid_request` naming what the grant lacks, or has too much */
function checkedFields(provider: TokenProvider, grant: GrantType, rest: object): GrantFields {
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const result = grantFieldsSchema(provider, grant).safeParse(present);
  if (!result.success) throw validationProblem(result.error.issues);
  return result.data;
}

/** A number or user that the grant names is whom it is for. */
function subjectOf(
  { descriptor }: TokenProvider,
  grant: GrantType,
  fields: Readonly<Record<string, unknown>>,
  subject: string | null,
): string | null {
  const field = descriptor.subjectFields?.[grant] ?? grants[grant].subjectField;
  const named = field && fields[field];
  if (typeof named !== 'string') return subject;
  if (subject !== null && subject !== named) throw invalidField('subject', 'is another than the grant names');
  return named;
}

function sentAtOnce(type: GrantType, fields: GrantFields): PendingGrantContents | null {
  const grant = grantFromFields(type, fields);
  return grant && { grant, keepPassword: fields.keep_password ?? false };
}
