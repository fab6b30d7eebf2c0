import { queryOptions } from '@tanstack/react-query';
import { call, withQuery } from '../api/client';
import type { Connection, Page } from '../api/types';

/** So many pages of 200 are read for the numbers; those that need somebody are asked for by their status. */
const mostPages = 5;

export interface Read {
  readonly connections: readonly Connection[];
  readonly isAll: boolean;
}

export function readingConnections(tenant: string) {
  return queryOptions({ queryKey: ['overview', tenant], queryFn: () => readConnections(tenant) });
}

async function readConnections(tenant: string): Promise<Read> {
  const path = `/v1/tenants/${tenant}/connections`;
  const found = new Map<string, Connection>();
  const isAll = await readOn(path, {}, found);
  if (!isAll) {
    await Promise.all(
      ['degraded', 'reauthorization_required'].map((status) => readOn(path, { status }, found)),
    );
  }
  return { connections: [...found.values()], isAll };
}

/** @returns whether there was no more */
async function readOn(
  path: string,
  filter: Record<string, string>,
  found: Map<string, Connection>,
): Promise<boolean> {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { items, next_cursor } = await call<Page<Connection>>(
      'GET',
      withQuery(path, { ...filter, limit: '200', cursor }),
    );
    for (const connection of items) found.set(connection.id, connection);
    if (next_cursor === null) return true;
    cursor = next_cursor;
  }
  return false;
}

export function tally(connections: readonly Connection[]) {
  const providers = [...new Set(connections.map(({ provider }) => provider))].sort();
  return providers.map((provider) => {
    const own = connections.filter((one) => one.provider === provider);
    const errors = own.flatMap(({ last_error }) => (last_error ? [last_error.code] : []));
    return {
      provider,
      all: own.length,
      active: own.filter(({ status }) => status === 'active').length,
      errors: [...new Set(errors)].map((code) => `${code.replaceAll('_', ' ')}: ${countOf(errors, code)}`),
    };
  });
}

function countOf(list: readonly string[], wanted: string): number {
  return list.filter((one) => one === wanted).length;
}
