import { journalError } from './journal.errors.js';
import type { Place } from './journal-index.js';
import { Segment } from './segment.js';

/** The segments of one journal: those in use, and room set aside behind them. */
export class SegmentChain {
  /** Oldest first; the last one is written. */
  private readonly segments: Segment[] = [];
  /** Empty. */
  private readonly spares: Segment[] = [];
  private setAside = 0;
  private growing: Promise<void> | undefined;

  /** @param largestBytes no record is larger; a segment's end may lie unused for as much */
  constructor(
    private readonly folder: string,
    private readonly segmentBytes: number,
    private readonly largestBytes: number,
  ) {}

  /** Takes over what was read; an empty one behind it is room. */
  add(segment: Segment): void {
    if (segment.end > 0 || this.segments.length === 0) this.segments.push(segment);
    else this.spares.push(segment);
  }

  /** Resolves once so many bytes are the caller's, to be given back with `give`. @throws JournalError `journal_unavailable` */
  async take(bytes: number): Promise<void> {
    while (this.room < bytes) await this.grow();
    this.setAside += bytes;
  }

  /** The same if there is room already. */
  takeIfFree(bytes: number): boolean {
    if (this.room < bytes) return false;
    this.setAside += bytes;
    return true;
  }

  give(bytes: number): void {
    this.setAside -= bytes;
  }

  /**
   * Writes blocks, for all of which room was taken, one after the other. Where that fails, what comes next is written
   * over whatever the disk has of it: behind a gap nothing would be found again.
   * @param mustLast resolves only once they are on the disk
   * @returns where each one lies
   */
  async write(blocks: readonly Buffer[], mustLast: boolean): Promise<Place[]> {
    const places: Place[] = [];
    const endsBefore = new Map<Segment, number>();
    try {
      for (let first = 0; first < blocks.length; ) {
        const segment = this.segmentFor(blocks[first]?.length ?? 0);
        endsBefore.set(segment, segment.end);
        let after = first;
        let bytes = 0;
        while (after < blocks.length && bytes + (blocks[after]?.length ?? 0) <= segment.free) {
          places.push({ segment, at: segment.end + bytes });
          bytes += blocks[after]?.length ?? 0;
          after += 1;
        }
        await segment.append(Buffer.concat(blocks.slice(first, after)));
        first = after;
      }
      if (mustLast) await Promise.all([...endsBefore.keys()].map((segment) => segment.sync()));
      return places;
    } catch (error) {
      for (const [segment, end] of endsBefore) segment.end = end;
      throw error;
    }
  }

  /** Removes segments that are not used any more. A mark may lie in one of them: that costs a comparison at next start. */
  async discard(inUse: ReadonlySet<Segment>, forget: (segment: Segment) => void): Promise<void> {
    for (const segment of this.segments.slice(0, -1)) {
      if (inUse.has(segment)) continue;
      this.segments.splice(this.segments.indexOf(segment), 1);
      forget(segment);
      await segment.remove();
    }
  }

  async close(): Promise<void> {
    await this.growing?.catch(() => undefined);
    await Promise.all([...this.segments, ...this.spares].map((segment) => segment.close()));
  }

  private get room(): number {
    const spare = this.spares.reduce((sum, { bytes }) => sum + bytes - this.largestBytes, 0);
    return (this.segments.at(-1)?.free ?? 0) + spare - this.setAside;
  }

  /** One segment more, once for all who wait. A disk that is full is asked again by the next who needs room. */
  private async grow(): Promise<void> {
    this.growing ??= this.makeSpare().finally(() => {
      this.growing = undefined;
    });
    try {
      await this.growing;
    } catch (error) {
      throw journalError('journal_unavailable', error);
    }
  }

  private async makeSpare(): Promise<void> {
    const last = this.spares.at(-1) ?? this.segments.at(-1);
    const bytes = Math.max(this.segmentBytes, 2 * this.largestBytes);
    this.spares.push(await Segment.create(this.folder, (last?.number ?? 0) + 1, bytes));
  }

  private segmentFor(bytes: number): Segment {
    const current = this.segments.at(-1);
    if (current && current.free >= bytes) return current;
    const next = this.spares.shift();
    if (!next) throw new Error('No room was taken for this block.');
    this.segments.push(next);
    return next;
  }
}
