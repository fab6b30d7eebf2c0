import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';

/** Straight from the database, with the settings of the product: an API that was tampered with is not asked. */
export function auditCommands(group: Command, terminal: Terminal, done: (exitCode: number) => void): void {
  const run = async (command: Command, ...args: string[]) => {
    const json = command.optsWithGlobals()['json'] === true ? ['--json'] : [];
    await import('reflect-metadata');
    const { runAuditCommand } = await import('./audit-command.js');
    done(await runAuditCommand([...args, ...json], terminal.out));
  };
  const verify = group
    .command('verify')
    .description('verify every chain of audit events in the database that DATABASE_URL names')
    .option(
      '--from <file>',
      'a checkpoint kept elsewhere; again for the next',
      (path: string, before: string[]) => [...before, path],
      [],
    )
    .action(() =>
      run(verify, 'verify', ...(verify.opts()['from'] as string[]).flatMap((path) => ['--from', path])),
    );
  const prune = group
    .command('prune')
    .description('delete the events before a time, and leave a signed mark in their place')
    .requiredOption('--before <time>', 'a time of RFC 3339')
    .action(() => run(prune, 'prune', '--before', String(prune.opts()['before'])));
}
