import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { Database } from '#vault';

/** For the orchestrator: alive, and able to reach the database. */
@Controller()
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get('livez')
  livez(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async readyz(): Promise<{ status: string }> {
    await this.database.ping().catch(() => {
      throw new ServiceUnavailableException({ status: 'unavailable', reasons: ['database_unreachable'] });
    });
    return { status: 'ok' };
  }
}
