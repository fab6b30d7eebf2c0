import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#provider-kit';
import { ApiKeyRepository, ChangeFeed, fingerprintBytes, InFlight } from '#vault';

/** How long the list counts while this process hears no changes, milliseconds. */
const deafTrustMs = 2_000;

interface Listed {
  /** In order, of a fixed length each, one after the other. */
  readonly fingerprints: Buffer;
  readonly atMs: number;
  readonly changesHeard: number;
}

/**
 * The beginnings of the hashes of all keys, eight bytes each. It is read once questions about unknown keys come too
 * often, and then tells a good key that this process has not seen yet from a made-up one without a question each.
 */
@Injectable()
export class KeyDirectory {
  private listed: Listed | undefined;
  private changesHeard = 0;
  private readonly reading = new InFlight<Listed>();

  constructor(
    private readonly apiKeys: ApiKeyRepository,
    private readonly feed: ChangeFeed,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    feed.onChange((change) => {
      if (change === 'missed' || change.kind === 'new_api_key') this.changesHeard += 1;
    });
  }

  /** Whether a key with that hash exists; not whether it may be used. */
  async has(hash: Buffer): Promise<boolean> {
    const { fingerprints } = this.current() ?? (await this.reading.join('all', () => this.read()));
    let low = 0;
    let high = fingerprints.length / fingerprintBytes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * fingerprintBytes;
      const order = fingerprints.compare(hash, 0, fingerprintBytes, at, at + fingerprintBytes);
      if (order === 0) return true;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return false;
  }

  private current(): Listed | undefined {
    const { listed } = this;
    if (listed?.changesHeard !== this.changesHeard) return undefined;
    const isTrusted = this.feed.hearing || this.clock.monotonicMs() - listed.atMs < deafTrustMs;
    return isTrusted ? listed : undefined;
  }

  private async read(): Promise<Listed> {
    const asked = { atMs: this.clock.monotonicMs(), changesHeard: this.changesHeard };
    this.listed = { ...asked, fingerprints: await this.apiKeys.fingerprints() };
    return this.listed;
  }
}
