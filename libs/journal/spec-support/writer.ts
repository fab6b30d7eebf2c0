import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { JournalEntry, JournalHead } from '../journal-entry.js';

/** An entry may say of itself what its writer wants. */
export interface TestHead extends JournalHead {
  readonly version: number;
  readonly isFirst: boolean;
}

export function entry(overrides: Partial<JournalEntry<TestHead>> = {}): JournalEntry<TestHead> {
  return {
    id: randomUUID(),
    key: randomUUID(),
    version: 1,
    isFirst: false,
    sealed: 'x'.repeat(2_000),
    ...overrides,
  };
}

/** Writes entries into the journals of a data directory until it is killed, and tells of each that is durable. */
const program = `
import { randomUUID } from 'node:crypto';
const { openJournals } = await import(process.argv[1]);
const { own } = await openJournals(process.argv[2]);
console.log('journal ' + own.id);
const write = async () => {
  for (;;) {
    try {
      const reservation = await own.reserve();
      const id = randomUUID();
      await reservation.write({ id, key: randomUUID(), sealed: 'x'.repeat(Number(process.argv[3])) });
      console.log('durable ' + id);
    } catch (error) {
      console.log('refused ' + error.systemCode);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};
for (let n = 0; n < 8; n += 1) void write();
`;

export interface WriterProcess {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  kill(): Promise<void>;
}

/** @param fileBytes no file of it may grow beyond, until the limit is lifted: as a full disk */
export function startWriter(dataDir: string, sealedBytes = 2_000, fileBytes?: number): WriterProcess {
  const module = new URL('../../../dist/libs/journal/journal-folder.js', import.meta.url).href;
  const limit = fileBytes === undefined ? '' : `ulimit -S -f ${Math.floor(fileBytes / 512)}; `;
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      `${limit}exec "$0" --input-type=module -e "$1" "$2" "$3" "$4"`,
      process.execPath,
      program,
      module,
      dataDir,
      String(sealedBytes),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const exited = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  return {
    child,
    lines,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
