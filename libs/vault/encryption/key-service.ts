import { log } from '#observability';
import { VaultError } from '../vault.errors.js';
import { within } from '../within.js';
import type { BoundHeader } from './binding.js';
import type { KekProvider, NewDataKey } from './kek-provider.js';

/** One call, from name resolution to the last byte. */
const callMs = 3_000;

/** While a service is away, one call in so long finds out whether it is back. */
const askAgainMs = 1_000;

/** Facts that a key service is told beside a key, and must be told again to open it. */
export type KeyContext = Readonly<Record<string, string>>;

/** A service that keeps a key-encryption key, and does not give it away. */
export interface KeyServiceClient {
  /** For people, such as `AWS KMS`. */
  readonly name: string;
  newDataKey(context: KeyContext, signal: AbortSignal): Promise<NewDataKey>;
  encrypt(dataKey: Uint8Array, context: KeyContext, signal: AbortSignal): Promise<string>;
  /** @throws VaultError `cannot_open`; any other error says that the service cannot be used */
  decrypt(wrapped: string, context: KeyContext, signal: AbortSignal): Promise<Uint8Array>;
  /** Why a call has failed: a name or a code, never what the service was sent. */
  reasonOf(error: unknown): string;
}

/**
 * A key-encryption key of a key service. Calls end after three seconds. While the service is away they fail at once, so
 * that what needs no key of it (data keys are kept once they are open) does not wait for database connections that do.
 */
export class KeyService implements KekProvider {
  private away: { readonly reason: string; readonly atMs: number } | undefined;
  private askingAgain = false;
  /** One that could be opened. */
  private known: { readonly wrapped: string; readonly bound: BoundHeader } | undefined;

  constructor(
    private readonly id: string,
    private readonly client: KeyServiceClient,
  ) {}

  async newDataKey(bound: BoundHeader): Promise<NewDataKey> {
    const { dataKey, wrapped } = await this.call((signal) =>
      this.client.newDataKey(contextOf(bound), signal),
    );
    return { dataKey, wrapped: `${this.id}:${wrapped}` };
  }

  async wrap(dataKey: Uint8Array, bound: BoundHeader): Promise<string> {
    return `${this.id}:${await this.call((signal) => this.client.encrypt(dataKey, contextOf(bound), signal))}`;
  }

  async unwrap(wrapped: string, bound: BoundHeader): Promise<Uint8Array> {
    const own = wrapped.slice(this.id.length + 1);
    const dataKey = await this.call((signal) => this.client.decrypt(own, contextOf(bound), signal));
    this.known ??= { wrapped, bound };
    return dataKey;
  }

  /** Data keys in memory need no service, so nobody may have noticed that it is back. */
  isReachable(): boolean {
    if (!this.away) return true;
    const { known } = this;
    if (known) this.unwrap(known.wrapped, known.bound).catch(() => undefined);
    return false;
  }

  private async call<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { away } = this;
    if (away && (this.askingAgain || performance.now() - away.atMs < askAgainMs)) {
      throw this.unavailable(away.reason);
    }
    this.askingAgain = away !== undefined;
    try {
      const result = await within(callMs, work(AbortSignal.timeout(callMs)));
      this.isBack();
      return result;
    } catch (error) {
      if (error instanceof VaultError) {
        this.isBack();
        throw error;
      }
      const reason = this.client.reasonOf(error);
      if (!this.away) log.error({ kid: this.id, service: this.client.name, reason }, 'key service is away');
      this.away = { reason, atMs: performance.now() };
      throw this.unavailable(reason);
    } finally {
      this.askingAgain = false;
    }
  }

  private isBack(): void {
    if (this.away) log.info({ kid: this.id, service: this.client.name }, 'key service is back');
    this.away = undefined;
  }

  private unavailable(reason: string): VaultError {
    return new VaultError('kek_unavailable', `${this.client.name} of ${this.id}: ${reason}.`);
  }
}

function contextOf({ dep, ten, tbl, col, row, gen }: BoundHeader): KeyContext {
  return { deployment: dep, tenant: ten, table: tbl, column: col, row, version: String(gen) };
}
