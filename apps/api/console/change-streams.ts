import { Readable } from 'node:stream';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type Change, ChangeFeed } from '#vault';

const most = { ofOneCaller: 16, atAll: 1_000 };
/** A browser that asks anew is looked at anew: so a stream outlives its session by this at most, milliseconds. */
const lifeMs = 30_000;
/** Proxies close what is silent; milliseconds. */
const heartbeatMs = 10_000;
/** Changes that come together are told together, milliseconds. */
const gatherMs = 100;
/** A browser that reads nothing is not waited for, bytes. */
const mostUnreadBytes = 16_384;

interface OpenStream {
  readonly callerId: string;
  readonly tenantId: string;
  readonly stream: Readable;
  isToBeTold: boolean;
}

/**
 * Tells browsers that something of their tenant has changed, not what: they ask for it, and are let in or not, as for
 * anything else. Renewals, which the change feed does not tell, they see when a stream ends and they ask anew.
 */
@Injectable()
export class ChangeStreams implements OnModuleDestroy {
  private readonly open = new Set<OpenStream>();
  private isDraining = false;

  constructor(feed: ChangeFeed) {
    feed.onChange((change) => this.hear(change));
  }

  get size(): number {
    return this.open.size;
  }

  /** @returns server-sent events, or undefined where there are too many streams already */
  start(callerId: string, tenantId: string): Readable | undefined {
    const own = [...this.open].filter((one) => one.callerId === callerId).length;
    if (this.isDraining || own >= most.ofOneCaller || this.open.size >= most.atAll) return undefined;
    const stream = new Readable({ read: () => undefined });
    const entry = { callerId, tenantId, stream, isToBeTold: false };
    this.open.add(entry);
    const heartbeat = setInterval(() => say(entry, ':\n\n'), heartbeatMs);
    const end = setTimeout(() => stream.push(null), lifeMs);
    stream.once('close', () => {
      clearInterval(heartbeat);
      clearTimeout(end);
      this.open.delete(entry);
    });
    say(entry, 'retry: 1000\n\n');
    return stream;
  }

  /** Before the server waits for requests that are under way. */
  onModuleDestroy(): void {
    this.isDraining = true;
    for (const { stream } of this.open) stream.push(null);
  }

  private hear(change: Change | 'missed'): void {
    for (const entry of this.open) {
      if (change !== 'missed' && change.tenantId !== entry.tenantId) continue;
      // The key of the session may be the one that has gone.
      if (change !== 'missed' && change.kind === 'api_key') entry.stream.push(null);
      else this.tellSoon(entry);
    }
  }

  private tellSoon(entry: OpenStream): void {
    if (entry.isToBeTold) return;
    entry.isToBeTold = true;
    setTimeout(() => {
      entry.isToBeTold = false;
      say(entry, 'event: changed\ndata:\n\n');
    }, gatherMs);
  }
}

function say({ stream }: OpenStream, text: string): void {
  if (stream.destroyed || stream.readableEnded || stream.closed) return;
  if (stream.readableLength > mostUnreadBytes) stream.destroy();
  else stream.push(text);
}
