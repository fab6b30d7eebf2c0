import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { log } from '#observability';
import { isDatabaseOutage, TokenRepository } from '#vault';

/** How long a read waits to be written down with others. */
const flushMs = 1_000;

/** Connections in one statement. */
const batch = 1_000;

/**
 * Tells the database who is read, so that `auto` connections are renewed ahead while they are in use. A replica tells
 * of a connection once per token, in batches; a read itself writes nothing.
 */
@Injectable()
export class ReadNotes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly waiting = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly tokens: TokenRepository) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), flushMs);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  note(connectionId: string): void {
    this.waiting.add(connectionId);
  }

  /** Notes that cannot be written now are written later: a late note costs one renewal on demand. */
  async flush(): Promise<void> {
    const ids = [...this.waiting];
    this.waiting.clear();
    for (let at = 0; at < ids.length; at += batch) {
      const some = ids.slice(at, at + batch);
      try {
        await this.tokens.noteReads(some);
      } catch (error) {
        if (!isDatabaseOutage(error)) log.warn({ err: error }, 'could not note reads, will retry');
        for (const id of some) this.waiting.add(id);
      }
    }
  }
}
