import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { ChangeFeed, Database, KeyRepository, standingReasons } from '#vault';

/** For the orchestrator: alive, and able to reach the database. */
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRepository,
    private readonly feed: ChangeFeed,
  ) {}

  @Get('livez')
  livez(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async readyz(): Promise<{ status: string; reasons?: string[] }> {
    await this.database.ping().catch(() => {
      throw new ServiceUnavailableException({ status: 'unavailable', reasons: ['database_unreachable'] });
    });
    const reasons = standingReasons(this.keys, this.feed);
    return reasons.length === 0 ? { status: 'ok' } : { status: 'ok', reasons };
  }
}
