import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { program } from '../../apps/cli/program.js';

const path = join(import.meta.dirname, '../../docs/cli.md');
const marks = ['<!-- commands:begin -->\n', '<!-- commands:end -->\n'] as const;

/** The commands as docs/cli.md has them. */
export function documentedCommands(): string {
  const [, rest = ''] = readFileSync(path, 'utf8').split(marks[0]);
  return rest.split(marks[1])[0] ?? '';
}

/** The same from the commands there are. */
export function commandTables(): string {
  const silent = { env: {}, folder: '', isWatched: false, out: () => {}, err: () => {}, input: () => '' };
  const leaves = leavesOf(program(silent, () => {}));
  const rows = leaves.map(({ name, command }) => {
    const usage = [
      name,
      ...command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`)),
    ];
    const options = command.options.map(({ flags }) => ` \`${flags}\``).join('');
    return `- \`${usage.join(' ')}\`: ${command.description()}.${options}\n`;
  });
  return `\n${rows.join('')}\n`;
}

export function writeCommandTables(): void {
  const [before = '', rest = ''] = readFileSync(path, 'utf8').split(marks[0]);
  writeFileSync(path, before + marks[0] + commandTables() + marks[1] + (rest.split(marks[1])[1] ?? ''));
}

function leavesOf(command: Command, name = ''): { name: string; command: Command }[] {
  const below = command.commands.filter((one) => one.name() !== 'help');
  if (below.length === 0) return [{ name, command }];
  return below.flatMap((one) => leavesOf(one, `${name} ${one.name()}`.trim()));
}
