import { guard } from '../guard.ts';

const leases = 'libs/vault/repositories/renewal.repository.int-spec.ts';
const due = 'libs/vault/repositories/claim-due.int-spec.ts';
const claimConnection = 'libs/vault/schema/functions/claim_connection.sql';
const claimDue = 'libs/vault/schema/functions/claim_due.sql';
const failRenewal = 'libs/vault/schema/functions/fail_renewal.sql';

export const renewalGuards = [
  guard(
    'a lease keeps others away',
    [leases, 'gives one claim to two replicas'],
    [claimConnection, "when v_row.lease_expires_at > v_now then 'leased'", "when false then 'leased'"],
  ),
  guard(
    'two replicas that need a token ask the provider once',
    ['libs/renewal/renewer.int-spec.ts', 'asks the provider once for 200'],
    [claimConnection, "when v_row.lease_expires_at > v_now then 'leased'", "when false then 'leased'"],
  ),
  guard(
    'a claim names the generation it renews',
    [leases, 'refuses a claim of a generation'],
    [claimConnection, "when v_row.generation <> p.generation then 'renewed'", "when false then 'renewed'"],
  ),
  guard(
    'only the claimed generation is committed',
    [leases, 'comes after a newer generation'],
    [
      'libs/vault/schema/functions/commit_renewals.sql',
      'c.id = p.connection_id and c.generation = p.generation\n    order by c.id for update of c',
      'c.id = p.connection_id\n    order by c.id for update of c',
    ],
  ),
  guard(
    'only the claimed generation fails',
    [leases, 'comes after a newer generation'],
    [
      failRenewal,
      'if v_moved and not coalesce(v_waiting = p.spent_hash, false) then return false; end if;',
      '',
    ],
  ),
  guard(
    'only who holds the lease writes a failure',
    [leases, 'does not take the lease from'],
    [failRenewal, 'if not v_ours and not p.terminal then return false; end if;', ''],
  ),
  guard(
    'a claimer passes by locked rows',
    [due, 'passes by rows that another claimer has locked'],
    [claimDue, 'order by next_renewal_at for update skip locked', 'order by next_renewal_at for update'],
  ),
  guard(
    'a claimer leaves leased rows alone',
    [due, 'leaves leased connections alone'],
    [
      claimDue,
      'where id = any (v_ids) and next_renewal_at <= v_now and not paused and (lease_expires_at is null or lease_expires_at <= v_now)',
      'where id = any (v_ids) and next_renewal_at <= v_now and not paused',
    ],
  ),
  guard(
    'a tenant gets no more than its share',
    [due, 'heeds what the worker has room for'],
    [claimDue, 'where in_tenant <= v_tenant_limit and in_upstream', 'where in_upstream'],
  ),
  guard('an answer counts as kept once the disk says so', 'libs/journal/journal-disk.spec.ts', [
    'libs/journal/journal-writer.ts',
    '      const places = await this.chain.write(blocks, mustLast);\n',
    '      const writing = this.chain.write(blocks, mustLast);\n      for (const { resolve } of group) resolve();\n      const places = await writing;\n',
  ]),
];
