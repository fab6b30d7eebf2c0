import { Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { type ProviderSettings, type TokenProvider, upstreamOf } from '#provider-kit';
import { CredentialRepository } from '#vault';
import { invalidField } from '../problem/problem.js';

/** The path that no tenant and no credential is part of. */
const sharedPath = /\/v1\/callback$/;

/**
 * Which authorization server comes back to `GET /v1/callback`: one, because nothing in its path tells servers apart,
 * and a code must not be sent to another server than the one that gave it (mix-up, RFC 9700 §2.1 and §4.4).
 */
@Injectable()
export class SharedCallback {
  constructor(
    private readonly credentials: CredentialRepository,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** Before client credentials are kept. @throws Problem `invalid_request` naming `settings.redirect_uri` */
  async assertOneServer(
    tenantId: string,
    slug: string,
    provider: TokenProvider,
    settings: ProviderSettings,
  ): Promise<void> {
    const { redirect_uri: uri } = settings;
    if (typeof uri !== 'string' || !URL.canParse(uri) || !sharedPath.test(new URL(uri).pathname)) return;
    const { id } = provider.descriptor;
    const server = { provider: id, upstream: upstreamOf(provider, settings) };
    const { sharedCallback: only } = this.settings;
    if (only !== undefined && ![id, server.upstream].includes(only)) throw servesAnother();
    const others = await this.credentials.sharedCallbacks(tenantId, slug);
    const isSame = (other: typeof server) => other.provider === id && other.upstream === server.upstream;
    if (!others.every(isSame)) throw servesAnother();
  }
}

function servesAnother() {
  return invalidField(
    'settings.redirect_uri',
    'is the callback that all share, and that serves one authorization server, which is another one',
    'Leave redirect_uri out, and register the callback of these client credentials with the provider.',
  );
}
