import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { listFiles, root } from './source-files.js';

/** Names that are retired, each with the one that took its place. docs/glossary.md has today's. */
const retired: readonly (readonly [name: RegExp, instead: string])[] = [
  [/\b(?:due_|in_|[vp]_|connections_)?lanes?(?:_free)?\b/i, 'partition'],
  [/\b(?:p_)?pressure\b|\w*Pressure\b|\bpressure[A-Z]/, 'limits'],
  [/\bspared(?:Ms|After)?\b|\bv_spared\b/i, 'breaker open, or waiting'],
  [/\bpostpone(?:d|s|_renewal)?\b/i, 'reschedule'],
  [/\baftermath\b/i, 'failure outcome'],
  [/\bStricken\b/i, 'FailedConnection'],
  [/\bisSpending\b|\bSpending\b/, 'active intents'],
  [/\bCommitment\b/, 'TokenWriter'],
  [/\bSendSlots\b|\bsend slots?\b/i, 'RequestSlots'],
  [/\bReconciler\b/i, 'ReplaySchedule'],
  [/\bFirstKey\b/, 'BootstrapKey'],
  [/\bClientProof\b|\bproveClient\b/, 'client authentication'],
  [/\bcredentialHash\b/, 'spentHash'],
  [/\bjournal_owner\b/, 'journal_id'],
  [/\bone_time\b/, 'rotating'],
  [/\blibs\/exchange\b|#exchange\b/, 'libs/renewal or libs/journal'],
  [/\blease-machine\b/, 'lease-model'],
  // `spentHash` and `spent_hash` stay: they name what a request has sent.
  [/\b(?:un)?spen[dt]s?\b/i, 'send, use'],
];

/** The sandbox publishes `spent` of a rotated refresh token; a lock file names no grant. */
const exempt = [
  'test/architecture/words.spec.ts',
  'apps/sandbox/',
  'test/flows/',
  'test/crash/rotating-grants.ts',
  'libs/testing/sandbox-control.ts',
];

const files = [
  ...listFiles(['apps', 'libs', 'scripts', 'test', 'docs'], ['.ts', '.mjs', '.sql', '.md', '.json']),
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'ormconfig.ts'],
].filter((path) => !exempt.some((start) => path.startsWith(start)));

/** `path:line: retired → instead`. */
function retiredIn(path: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      retired.flatMap(([name, instead]) =>
        name.test(line) ? [`${path}:${index + 1}: ${name.exec(line)?.[0] ?? ''} → ${instead}`] : [],
      ),
    );
}

describe('words', () => {
  it('of the retired kind are found', () => {
    const text = 'select gk.due_lanes();\nconst a = settings.pressure; // nothing is postponed or spent\n';
    expect(retiredIn('x.ts', text)).toEqual([
      'x.ts:1: due_lanes → partition',
      'x.ts:2: pressure → limits',
      'x.ts:2: postponed → reschedule',
      'x.ts:2: spent → send, use',
    ]);
    expect(retiredIn('x.ts', 'spentHash, spent_hash, partition, isExchanged')).toEqual([]);
  });

  it('are not left in code, documents or log lines', () => {
    expect(files.length).toBeGreaterThan(500);
    expect(files.flatMap((path) => retiredIn(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });
});
