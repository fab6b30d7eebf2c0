import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { log } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { ApiKeyRepository, AuditRepository, InFlight, isDatabaseOutage } from '#vault';
import { hashName, mayBeApiKey } from '../api-key.js';
import type { Principal } from '../principal.js';
import { RefusalSums } from './refusal-sums.js';

const flushMs = 60_000;
/** Of keys that are not valid, told apart in one minute; all others are counted together. */
const mostKeys = 1_000;
/** Of callers, likewise. */
const mostCallers = 10_000;

/** By the name of a bearer that is none, or one too many. */
const nobody = '';

/**
 * Puts refused calls into the audit trail, summed: one event a minute for each known key and reason, in the chain of
 * the key's own tenant, and one for all bearers that are no key. So nobody can fill the trail by being refused.
 */
@Injectable()
export class RefusalLog implements OnApplicationBootstrap {
  private readonly callers = new RefusalSums<Principal | null>(mostCallers);
  /** By the hash of the key, in latin1. */
  private readonly bearers = new RefusalSums<null>(mostKeys);
  private readonly flushing = new InFlight<void>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly audit: AuditRepository,
    private readonly apiKeys: ApiKeyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), flushMs);
    this.timer.unref();
  }

  /** A call by somebody known that was not allowed: `not_found` where it named another tenant. */
  noteRefused(principal: Principal, reason: 'forbidden' | 'not_found'): void {
    const name = `${reason} ${principal.callerId}`;
    this.callers.add(name, `${reason} ${nobody}`, principal, null, this.nowMs());
  }

  /** A call with a key that is not valid, or with none. */
  noteUnauthenticated(bearer: string | undefined): void {
    const name = bearer !== undefined && mayBeApiKey(bearer) ? hashName(bearer) : nobody;
    this.bearers.add(name, nobody, null, null, this.nowMs());
  }

  flush(): Promise<void> {
    return this.flushing.join('flush', async () => {
      await this.writeEach(this.callers, ([name, principal]) => ({
        tenantId: principal?.tenantId ?? null,
        actor: principal?.callerId ?? 'several',
        action: 'access.refused',
        outcome: name.startsWith('forbidden') ? '403' : '404',
        reason: name.startsWith('forbidden') ? 'forbidden' : 'foreign_tenant',
      }));
      const known = await this.knownKeys();
      if (!known) return;
      this.bearers.merge(nobody, (name) => name !== nobody && !known.has(name));
      await this.writeEach(this.bearers, ([name]) => {
        const key = known.get(name);
        return {
          tenantId: key?.tenantId ?? null,
          actor: key?.id ?? 'anonymous',
          action: 'authentication.refused',
          outcome: '401',
          reason: key?.reason ?? 'unknown_key',
        };
      });
    });
  }

  /** To be called when no request can come any more. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** @returns undefined when the database cannot be asked */
  private async knownKeys() {
    const hashes = this.bearers.names.filter((name) => name !== nobody);
    if (hashes.length === 0) return new Map<string, never>();
    try {
      const rows = await this.apiKeys.findRefused(hashes.map((name) => Buffer.from(name, 'latin1')));
      return new Map(rows.map((row) => [row.hash.toString('latin1'), row]));
    } catch (error) {
      if (!isDatabaseOutage(error)) log.warn({ err: error }, 'could not look refused keys up, will retry');
      return undefined;
    }
  }

  /** Refusals that cannot be written now are written with the next minute's. */
  private async writeEach<Who>(sums: RefusalSums<Who>, describe: (entry: [string, Who]) => Refusal) {
    for (const [name, sum] of sums.takeAll()) {
      const { reason, ...event } = describe([name, sum.who]);
      const [from, to] = [sum.fromMs, sum.toMs].map((ms) => new Date(ms).toISOString());
      const key = event.actor === 'anonymous' || event.actor === 'several' ? null : event.actor;
      try {
        await this.audit.append({
          ...event,
          target: null,
          data: { key, reason, count: sum.count, from, to },
        });
      } catch (error) {
        if (!isDatabaseOutage(error)) log.warn({ err: error }, 'could not write refusals down, will retry');
        sums.putBack(name, sum);
      }
    }
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}

interface Refusal {
  readonly tenantId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly reason: string;
}
