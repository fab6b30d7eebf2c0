import { CommanderError } from 'commander';
import { CliError, exitCodes, usageError } from './cli.errors.js';
import { program } from './program.js';
import type { Terminal } from './terminal.js';
import { problemText } from './text/problem-text.js';
import { safeJson } from './text/safe-text.js';

/** Runs one command. @returns the exit code */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.ok;
  try {
    const root = program(terminal, (code) => {
      exitCode = code;
    });
    await root.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, args, terminal);
  }
}

function report(error: unknown, args: readonly string[], terminal: Terminal): number {
  const shown = error instanceof CommanderError ? ofCommander(error) : error;
  // Help that was asked for, or stands in the place of a command that was not given.
  if (typeof shown === 'number') return shown;
  if (!(shown instanceof CliError)) throw shown;
  const asJson = args.includes('--json');
  terminal.err(asJson ? `${safeJson(shown.problem)}\n` : `grantkeeper: ${problemText(shown.problem)}\n`);
  return shown.exitCode;
}

function ofCommander({ code, exitCode, message }: CommanderError): number | CliError {
  if (exitCode === 0) return exitCodes.ok;
  if (code === 'commander.help') return exitCodes.usage;
  return usageError(message.replace(/^error: /, '').replaceAll('\n', ' '), 'See grantkeeper --help.');
}
