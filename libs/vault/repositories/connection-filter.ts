import { type FindOptionsWhere, JsonContains, LessThan } from 'typeorm';
import type { Connection, ConnectionStatus, Labels } from '../entities/connection.entity.js';

/** Which connections of a tenant are listed; all that is given must hold. */
export interface ConnectionFilter {
  readonly status?: ConnectionStatus | undefined;
  readonly provider?: string | undefined;
  /** Slug of its client credentials. */
  readonly credential?: string | undefined;
  readonly subject?: string | undefined;
  /** Those that have all of these. */
  readonly label?: Labels | undefined;
  /** Those whose access token ends before. */
  readonly expires_before?: Date | undefined;
}

export function whereOf(filter: ConnectionFilter): FindOptionsWhere<Connection> {
  const where: FindOptionsWhere<Connection> = {};
  const { provider, credential: slug, subject, expires_before: expiresBefore } = filter;
  if (filter.status !== undefined) where.status = filter.status;
  if (filter.label !== undefined) where.labels = JsonContains(filter.label);
  if (subject !== undefined) where.subject = subject;
  if (expiresBefore !== undefined) where.accessTokenExpiresAt = LessThan(expiresBefore);
  if (provider !== undefined || slug !== undefined)
    where.credential = {
      ...(provider === undefined ? {} : { provider }),
      ...(slug === undefined ? {} : { slug }),
    };
  return where;
}
