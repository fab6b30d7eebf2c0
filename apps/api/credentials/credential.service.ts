import { Injectable } from '@nestjs/common';
import { CredentialVerifier, type Verification } from '#connect';
import { type ProviderClient, type TokenProvider, upstreamOf } from '#provider-kit';
import { type Credential, CredentialRepository } from '#vault';
import { generatedSlug } from '../http/generated-slug.js';
import { invalidField, Problem } from '../problem/problem.js';
import { providerProblem } from '../problem/provider-problem.js';
import { notFound } from '../problem/to-problem.js';
import { TenantQuotas } from '../tenants/tenant-quotas.js';
import type { CredentialChangeBody, NewCredentialBody, NewSecretBody } from './credential.schemas.js';
import { CredentialForm, secretFields } from './credential-form.js';
import { changedMeanwhile, changesNeedingSecret, givenSecret, notTheSecretInUse } from './guarded-change.js';
import { SharedCallback } from './shared-callback.js';

/** A tenant's client credentials: checked by the provider's schemas, on request by the provider itself, then saved. */
@Injectable()
export class CredentialService {
  constructor(
    private readonly credentials: CredentialRepository,
    private readonly verifier: CredentialVerifier,
    private readonly form: CredentialForm,
    private readonly quotas: TenantQuotas,
    private readonly sharedCallback: SharedCallback,
  ) {}

  async create(tenantId: string, body: NewCredentialBody, verify: boolean): Promise<Credential> {
    const { id = generatedSlug('cred'), provider: providerId, settings, ...fields } = body;
    const provider = this.form.provider(providerId);
    const client = {
      ...this.form.client(provider, fields),
      settings: this.form.settings(provider, settings),
    };
    this.form.assertFit(provider, client);
    if (await this.credentials.find(tenantId, id)) throw duplicate();
    await this.sharedCallback.assertOneServer(tenantId, id, provider, client.settings);
    await this.quotas.assertRoom(tenantId, 'credentials');
    if (verify) await this.prove(provider, client);
    return this.credentials.create(tenantId, {
      slug: id,
      provider: providerId,
      upstream: upstreamOf(provider, client.settings),
      ...client,
    });
  }

  async change(
    tenantId: string,
    id: string,
    body: CredentialChangeBody,
    verify: boolean,
  ): Promise<Credential> {
    const credential = await this.find(tenantId, id);
    const provider = this.form.provider(credential.provider);
    const secrets = await this.credentials.openSecrets(credential);
    const [newest] = secrets;
    if (!newest) throw notFound();
    const settings = this.form.settings(provider, merge(credential.settings, body.settings ?? {}));
    const guarded = changesNeedingSecret(provider, credential.settings, settings);
    const given = givenSecret(provider, body, guarded, secrets);
    const { clientId, secret } = this.form.client(provider, {
      client_id: body.client_id ?? credential.clientId,
      ...(given ?? secretFields(newest)),
    });
    this.form.assertFit(provider, { clientId, secret, settings });
    await this.sharedCallback.assertOneServer(tenantId, id, provider, settings);
    if (verify) await this.prove(provider, { clientId, secret, settings });
    const changed = await this.credentials.update(tenantId, credential, {
      clientId,
      settings,
      upstream: upstreamOf(provider, settings),
      secret: given || guarded.length > 0 ? secret : undefined,
    });
    if (changed === null) throw notFound();
    if (changed === 'changed_meanwhile') throw changedMeanwhile();
    if (changed === 'not_the_secret_in_use') throw notTheSecretInUse(secret.kind, guarded);
    return changed;
  }

  async addSecret(tenantId: string, id: string, body: NewSecretBody, verify: boolean): Promise<number> {
    const credential = await this.find(tenantId, id);
    const provider = this.form.provider(credential.provider);
    const client = this.form.client(provider, { client_id: credential.clientId, ...body });
    // A client without a secret is made so; there is no next one to add.
    if (client.secret.kind === 'none')
      throw invalidField('client_secret', 'is missing, or a private_key in its place');
    this.form.assertFit(provider, { ...client, settings: credential.settings });
    if (verify) await this.prove(provider, { ...client, settings: credential.settings });
    return this.credentials.addSecret(tenantId, credential.id, client.secret);
  }

  async verify(tenantId: string, id: string): Promise<Verification> {
    const { provider, client } = await this.open(tenantId, id);
    return this.verifier.verify(provider, client);
  }

  /** @throws Problem unless the provider accepts the client with its newest secret, or only a user could tell */
  async assertAccepted(tenantId: string, id: string): Promise<void> {
    const { provider, client } = await this.open(tenantId, id);
    await this.prove(provider, client);
  }

  async find(tenantId: string, id: string): Promise<Credential> {
    const credential = await this.credentials.find(tenantId, id);
    if (!credential) throw notFound();
    return credential;
  }

  /** The credential as the provider would get it, with its newest secret. */
  private async open(tenantId: string, id: string) {
    const credential = await this.find(tenantId, id);
    const [secret] = await this.credentials.openSecrets(credential);
    if (!secret) throw notFound();
    const client: ProviderClient = { clientId: credential.clientId, secret, settings: credential.settings };
    return { credential, provider: this.form.provider(credential.provider), client };
  }

  /** @throws Problem unless the provider accepts the client, or only a user could tell */
  private async prove(provider: TokenProvider, client: ProviderClient): Promise<void> {
    const verification = await this.verifier.verify(provider, client);
    if (verification.ok === false) throw providerProblem(verification.failure);
  }
}

function duplicate(): Problem {
  return new Problem('conflict', { detail: 'id: a credential of that name exists already.' });
}

/** RFC 7396, one level deep: null takes a setting away. */
function merge(settings: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...settings, ...change }).filter(([, value]) => value !== null));
}
