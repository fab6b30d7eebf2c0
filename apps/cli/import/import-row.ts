import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api/api-client.js';
import { CliError, exitCodes, isAbsent } from '../cli.errors.js';
import { segment } from '../resources/address.js';
import { problemText } from '../text/problem-text.js';
import type { ImportRow } from './import-rows.js';

export interface RowResult {
  readonly row: number;
  readonly tenant: string;
  readonly id: string;
  readonly result: 'made' | 'would be made' | 'pending' | 'exists' | 'refused';
  readonly detail?: string;
}

/** After an answer that was lost, or a provider that is down, it is tried again so often; the wait between, milliseconds. */
const retries = { attempts: 3, waitMs: 300 };

/** @throws CliError when the API cannot be reached */
export async function importRow(api: ApiClient, row: ImportRow, isDryRun: boolean): Promise<RowResult> {
  const { tenant, id, row: number } = row;
  const of = { row: number, tenant, id };
  if (row.fault !== undefined) return { ...of, result: 'refused', detail: `${row.fault}.` };
  try {
    const path = `/v1/tenants/${segment(tenant)}/connections`;
    // Before anything is sent: a refresh token that was used once may be good for nothing.
    if (await api.find(`${path}/${segment(id)}`)) return { ...of, result: 'exists' };
    const made = await make(api, path, row, isDryRun ? { dry_run: 'true' } : {});
    if (isDryRun) return { ...of, result: 'would be made' };
    if (made['status'] !== 'pending') return { ...of, result: 'made' };
    const link = made['authorization_url'] ?? made['verification_uri_complete'] ?? made['verification_uri'];
    return { ...of, result: 'pending', ...(link === undefined ? {} : { detail: String(link) }) };
  } catch (error) {
    if (!(error instanceof CliError) || isAbsent(error)) throw error;
    // The only thing that the path of the request names.
    if (error.problem['status'] === 404)
      return { ...of, result: 'refused', detail: `tenant: ${tenant} is not there, or not for this key.` };
    return { ...of, result: 'refused', detail: problemText(error.problem).replaceAll('\n  ', ' ') };
  }
}

/** The same key each time: a request whose answer was lost is not done twice. */
async function make(api: ApiClient, path: string, { body }: ImportRow, query: Record<string, string>) {
  const headers = { 'idempotency-key': randomUUID() };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await api.call('POST', path, { body, query, headers });
    } catch (error) {
      const mayPass = error instanceof CliError && error.exitCode === exitCodes.unreachable;
      if (!mayPass || attempt === retries.attempts) throw error;
      await sleep(retries.waitMs);
    }
  }
}
