/** Of several one that waits longer for a lock is written by itself, so that the others do not wait with it. */
const mostWait = '250ms';

/** `$1`: the ends as JSON; `$2`: how long one of them waits for a lock, null as long as the database lets it. */
export type ManyParameters = [string, string | null];

/**
 * Ends of renewals in one transaction, all or none; by connection, so that two processes never wait for each other in a
 * circle. Each is a call of its own, which sees the rows of its tenant only.
 * @param call of a function, for one of them named `given`
 */
export function writeTogether(call: string): string {
  return `
  select at, ${call} as written
  from (select set_config('lock_timeout', coalesce($2, current_setting('lock_timeout')), true)) waiting, (
    select (given->>'at')::integer as at, given from jsonb_array_elements($1) as ends (given)
    order by (given->>'connection_id')::uuid, (given->>'generation')::integer
  ) ends`;
}

export function manyParameters(
  ends: readonly { tenant_id: string; connection_id: string; generation: number }[],
): ManyParameters {
  return [JSON.stringify(ends.map((end, at) => ({ at, ...end }))), ends.length > 1 ? mostWait : null];
}
