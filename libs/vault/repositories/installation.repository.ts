import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** Counting stops here: past it, the number tells nothing more. */
const mostCounted = 10_000;

interface Row {
  connections: { provider: string; status: string; count: number }[];
  expiring: Record<string, number>;
  due_backlog: number;
  lateness_seconds: number | null;
  held: boolean;
}

/** The whole installation in numbers, in one statement that no number of connections makes slow. */
@Injectable()
export class InstallationRepository {
  constructor(private readonly database: Database) {}

  async counts() {
    const [row] = await this.database.call<Row>('select * from gk.installation_counts($1)', [mostCounted]);
    return {
      connections: row?.connections ?? [],
      expiring: row?.expiring ?? {},
      dueBacklog: row?.due_backlog ?? 0,
      latenessSeconds: row?.lateness_seconds ?? 0,
      held: row?.held ?? false,
    };
  }
}
