import type { CryptoKey, JWTHeaderParameters } from 'jose';
import { log } from '#observability';
import type { Clock } from '#provider-kit';
import { AccessError } from '../access.errors.js';
import type { KeySet } from './key-set.js';

/** Keys are read again after five minutes: one that the issuer has taken back is refused by then. */
const freshForMs = 300_000;
/** While they cannot be read again, the last ones serve for a day. */
const servedForMs = 86_400_000;
/** A `kid` that is not among them may be a new key, or made up. */
const unknownKidEveryMs = 30_000;
/** After a failure, with keys to go on with, and without any. */
const againAfterMs = { known: 30_000, unknown: 1_000 };

/** The keys of one issuer as last read, and when to read them again. */
export class IssuerKeys {
  private known: { readonly keys: KeySet; readonly readAtMs: number } | undefined;
  private reading: Promise<KeySet> | undefined;
  private isFailing = false;
  private nextAttemptAtMs = Number.NEGATIVE_INFINITY;
  private nextUnknownKidAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly issuer: string,
    private readonly fetchKeys: () => Promise<KeySet>,
    private readonly clock: Clock,
  ) {}

  /**
   * The keys that a JWT with this header may be signed with.
   * @throws AccessError `issuer_unavailable` when that cannot be told, because the keys cannot be read
   */
  async candidates(header: JWTHeaderParameters): Promise<CryptoKey[]> {
    const askedAtMs = this.clock.monotonicMs();
    const found = await (await this.current(askedAtMs)).candidates(header);
    const isJustRead = this.known !== undefined && this.known.readAtMs >= askedAtMs;
    if (found.length > 0 || isJustRead) return found;
    if (!this.reading) {
      if (askedAtMs < this.nextUnknownKidAtMs) return this.none();
      this.nextUnknownKidAtMs = askedAtMs + unknownKidEveryMs;
    }
    return (await this.read()).candidates(header);
  }

  private async current(nowMs: number): Promise<KeySet> {
    const ageMs = nowMs - (this.known?.readAtMs ?? Number.NEGATIVE_INFINITY);
    if (this.known && ageMs < freshForMs) return this.known.keys;
    const mayServe = this.known && ageMs < servedForMs ? this.known.keys : undefined;
    if (nowMs < this.nextAttemptAtMs) return mayServe ?? this.unavailable();
    const read = this.read();
    if (!mayServe) return read;
    const orLast = read.catch(() => mayServe);
    // Nobody waits for an issuer that is known to be down.
    return this.isFailing ? mayServe : orLast;
  }

  private read(): Promise<KeySet> {
    this.reading ??= this.fetchOnce().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async fetchOnce(): Promise<KeySet> {
    try {
      const keys = await this.fetchKeys();
      this.known = { keys, readAtMs: this.clock.monotonicMs() };
      this.isFailing = false;
      return keys;
    } catch (error) {
      if (!this.isFailing) {
        const reason = error instanceof Error ? error.message : 'unknown';
        log.warn({ issuer: this.issuer, reason }, 'the keys of an issuer of JWTs cannot be read');
      }
      this.isFailing = true;
      this.nextAttemptAtMs =
        this.clock.monotonicMs() + (this.known ? againAfterMs.known : againAfterMs.unknown);
      return this.unavailable();
    }
  }

  /** While the issuer cannot be asked, a key that is not known may still be one of its own. */
  private none(): CryptoKey[] {
    return this.isFailing ? this.unavailable() : [];
  }

  private unavailable(): never {
    throw new AccessError('issuer_unavailable');
  }
}
