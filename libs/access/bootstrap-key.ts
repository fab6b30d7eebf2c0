import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectSettings, type Settings, SettingsError } from '#config';
import { ApiKeyRepository } from '#vault';
import { generateApiKey, hashApiKey, mayBeApiKey } from './api-key.js';

/**
 * Gives a database without any key its first platform admin: `GRANTKEEPER_BOOTSTRAP_KEY`, or one made here and shown
 * once on stdout, outside the log. On any other database it does nothing.
 */
@Injectable()
export class BootstrapKey implements OnApplicationBootstrap {
  constructor(
    private readonly apiKeys: ApiKeyRepository,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** @throws SettingsError for a bootstrap key in our own form with a wrong checksum, which nobody could use */
  async onApplicationBootstrap(): Promise<void> {
    const given = this.settings.bootstrapKey;
    if (given !== undefined && !mayBeApiKey(given)) {
      throw new SettingsError(
        'GRANTKEEPER_BOOTSTRAP_KEY looks like a Grantkeeper key but its checksum is wrong, or it is over 512 characters.',
      );
    }
    const key = given ?? generateApiKey('platform_admin');
    const stored = await this.apiKeys.createFirst({
      tenantId: null,
      name: 'bootstrap',
      role: 'platform_admin',
      connections: null,
      expiresAt: null,
      hash: hashApiKey(key),
    });
    if (stored && given === undefined) {
      process.stdout.write(`Platform admin key, shown this once: ${key}\n`);
    }
  }
}
