import type { FastifyReply } from 'fastify';
import { dryRun } from '#vault';

/** Answers `?dry_run=true` with 200 and with what would have been made: `create` runs, and its rows are rolled back. */
export function tried<T>(reply: FastifyReply, create: () => Promise<T>): Promise<T> {
  reply.code(200);
  return dryRun(create);
}
