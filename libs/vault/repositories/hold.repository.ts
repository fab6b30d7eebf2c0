import { Injectable } from '@nestjs/common';
import { describeChange } from '../audit/caller-change.js';
import { Database } from '../database.js';

export interface Hold {
  readonly reason: string;
  /** Holds no secret. */
  readonly details: Record<string, unknown>;
  readonly heldAt: Date;
  /** Null while renewals stand still. */
  readonly releasedAt: Date | null;
  readonly releasedBy: string | null;
}

/** Whether all renewals of the installation stand still, and why. */
@Injectable()
export class HoldRepository {
  constructor(private readonly database: Database) {}

  /** @returns false when renewals were held already */
  async hold(reason: string, details: Record<string, unknown>): Promise<boolean> {
    const [row] = await this.database.call<{ held: boolean }>('select gk.hold($1, $2) as held', [
      reason,
      JSON.stringify(details),
    ]);
    return row?.held ?? false;
  }

  /** @returns false when nothing was held */
  async release(by: string): Promise<boolean> {
    return this.database.inPlatform(async (manager) => {
      const [row] = await manager.query<{ released: boolean }[]>('select gk.release_hold($1) as released', [
        by,
      ]);
      if (row?.released) describeChange(manager, { held: { old: true, new: false } });
      return row?.released ?? false;
    });
  }

  /** The last one, released or not; null when there never was one. */
  async last(): Promise<Hold | null> {
    const [row] = await this.database.call<Hold>(
      `select reason, details, held_at as "heldAt", released_at as "releasedAt", released_by as "releasedBy" from gk.last_hold()`,
      [],
    );
    return row ?? null;
  }
}
