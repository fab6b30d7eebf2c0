import type { KeyedMac, Mac } from '../encryption/keyed-mac.js';
import type { AuditEvent } from '../entities/audit-event.entity.js';
import { auditHash, eventMessage, placeMessage, startOfChain } from './audit-hash.js';
import type { ChainHead, Checkpoint } from './audit-trail.js';

/** One list of what is wrong with a chain. */
const meanings = {
  edited: 'The event is not what its hash was made of.',
  forged: 'The MAC of the event was not made with the key of this installation.',
  unlinked: 'The event does not continue the one before it: one was changed, removed, added or moved.',
  missing: 'Events before this one are gone.',
  doubled: 'There is more than one event of this number, or one before the first.',
  truncated: 'Events up to this one are gone from the end.',
  unannounced: 'The chain does not know of its last events.',
  cut_forged: 'The cut was not signed with the key of this installation.',
  unknown_key: 'GRANTKEEPER_KEKS does not list the key that signed this, so it cannot be checked.',
} as const;

export interface Finding {
  readonly kind: keyof typeof meanings;
  readonly sequence: number;
  readonly meaning: string;
}

/** Holds the events of one chain, as they come, against what they must be. */
export class ChainCheck {
  readonly findings: Finding[] = [];
  events = 0;
  lastSequence: number;
  private lastHash: Buffer;
  /** Hashes at the places of the checkpoints. */
  private readonly seen = new Map<number, string>();

  /** @param checkpoints of this chain */
  constructor(
    private readonly macs: KeyedMac,
    private readonly tenantId: string | null,
    private readonly cut: ChainHead['cut'],
    private readonly checkpoints: readonly Checkpoint[] = [],
  ) {
    this.lastSequence = cut?.sequence ?? 0;
    this.lastHash = cut ? Buffer.from(cut.hash, 'hex') : startOfChain;
    this.seen.set(this.lastSequence, this.lastHash.toString('hex'));
    if (cut) {
      const mac = { kid: cut.kid, mac: Buffer.from(cut.mac, 'hex') };
      this.checkMac(cut.sequence, placeMessage('cut', tenantId, cut), mac, 'cut_forged');
    }
  }

  /** To be called in the order of the events. */
  next(event: AuditEvent): void {
    this.events += 1;
    const sequence = Number(event.id);
    if (sequence <= this.lastSequence) this.find('doubled', sequence);
    else if (sequence > this.lastSequence + 1) this.find('missing', sequence);
    else if (!event.previousHash.equals(this.lastHash)) this.find('unlinked', sequence);
    if (!auditHash({ ...event, tenantId: this.tenantId }).equals(event.hash)) this.find('edited', sequence);
    this.checkMac(sequence, eventMessage(event.hash), event, 'forged');
    this.lastSequence = sequence;
    this.lastHash = event.hash;
    if (this.checkpoints.some((checkpoint) => checkpoint.sequence === sequence)) {
      this.seen.set(sequence, event.hash.toString('hex'));
    }
  }

  /**
   * @param head as it was when all of its events could be read
   * @param stored how many events there are
   */
  end(head: Pick<ChainHead, 'sequence' | 'hash'>, stored: number): void {
    if (stored !== this.events) this.find('doubled', this.lastSequence);
    if (head.sequence > this.lastSequence) this.find('truncated', head.sequence);
    else if (head.sequence < this.lastSequence || !head.hash.equals(this.lastHash)) {
      this.find('unannounced', this.lastSequence);
    }
    for (const { sequence, hash } of this.checkpoints) {
      // The signed cut vouches for the events that an operator has cut off.
      if (sequence < (this.cut?.sequence ?? 0)) continue;
      if (sequence > this.lastSequence) this.find('truncated', sequence);
      else if (this.seen.get(sequence) !== hash) this.find('edited', sequence);
    }
  }

  private checkMac(sequence: number, message: string, mac: Mac, wrong: Finding['kind']): void {
    if (!this.macs.kids.includes(mac.kid)) this.find('unknown_key', sequence);
    else if (!this.macs.isRight(message, mac)) this.find(wrong, sequence);
  }

  private find(kind: Finding['kind'], sequence: number): void {
    this.findings.push({ kind, sequence, meaning: meanings[kind] });
  }
}

/** Whether a checkpoint was made of this chain, by this installation. */
export function isOfChain(macs: KeyedMac, tenantId: string | null, checkpoint: Checkpoint): boolean {
  const message = placeMessage('checkpoint', tenantId, checkpoint);
  const mac = Buffer.from(checkpoint.mac, 'hex');
  return macs.kids.some((kid) => macs.isRight(message, { kid, mac }));
}
