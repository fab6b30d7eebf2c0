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

const everyFile = [
  ...listFiles(['apps', 'libs', 'scripts', 'test', 'docs'], ['.ts', '.mjs', '.sql', '.md', '.json']),
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'ormconfig.ts'],
];
const files = everyFile.filter((path) => !exempt.some((start) => path.startsWith(start)));
const filesWithProse = everyFile.filter(
  (path) => /\.(?:ts|mjs|md)$/.test(path) && path !== 'test/architecture/words.spec.ts',
);

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

/** The same lines with nothing but the comments of code, or the prose of a document: no headings, examples, schemas. */
function proseOf(path: string, text: string): string {
  if (!path.endsWith('.md')) {
    return text.replace(
      /^.*$/gm,
      (line) => /(?:^\s*(?:\/\*\*?|\*|\/\/)|\s\/\/ )\s*(.*)$/.exec(line)?.[1] ?? '',
    );
  }
  const others = /^```[\s\S]*?^```|^<!-- ([\w-]+):begin -->[\s\S]*?^<!-- \1:end -->|^#.*$/gm;
  return text.replace(others, (other) => other.replace(/[^\n]/g, ''));
}

/** `path:line: sentence`, of each that opens with such a pronoun instead of naming who or what it is about. */
function pronounFirstIn(path: string, text: string): string[] {
  const prose = proseOf(path, text);
  return [...prose.matchAll(/(?<=^[\s>*\d.-]*|[.:!?|(] |\*\*)(?:What|Whoever|Whatever)\b/gm)].flatMap(
    ({ index }) => {
      const [sentence = ''] = /^[\s\S]*?(?:[.?!](?=\s|$)|\n\s*\n|$)/.exec(prose.slice(index)) ?? [];
      const line = prose.slice(0, index).split('\n').length;
      return sentence.endsWith('?') ? [] : [`${path}:${line}: ${sentence.trim()}`];
    },
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

  it('that hide who does what are found where they open a sentence', () => {
    const code =
      "/** Sent. What it holds\n * is sealed. */\nconst a = 'What'; // Whoever asks.\n// What for? Whatever.\n";
    expect(pronounFirstIn('x.ts', code)).toEqual([
      'x.ts:1: What it holds\nis sealed.',
      'x.ts:3: Whoever asks.',
      'x.ts:4: Whatever.',
    ]);
    const document =
      '# What it is\n\n- **What is told** is so.\n\n```\nWhat\n```\n\nIt says what. What now?\n';
    expect(pronounFirstIn('x.md', document)).toEqual(['x.md:3: What is told** is so.']);
  });

  it('that hide who does what open no sentence of a comment or a document', () => {
    expect(
      filesWithProse.flatMap((path) => pronounFirstIn(path, readFileSync(join(root, path), 'utf8'))),
    ).toEqual([]);
  });
});
