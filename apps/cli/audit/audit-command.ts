import { loadSettings, SettingsError } from '#config';
import { type AuditChains, isDatabaseOutage, VaultError, withAuditChains } from '#vault';
import { type AuditCommand, AuditUsageError, parseAuditCommand } from './audit-arguments.js';
import { prunedLines, reportLines } from './audit-output.js';

/** Exit codes of the command line. */
const exitCodes = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/**
 * `audit verify [--from <file>]…` and `audit prune --before <time>`, both with `--json`: with the settings of the
 * product, straight from the database.
 * @returns the exit code
 */
export async function runAuditCommand(
  args: readonly string[],
  write = (text: string): unknown => process.stdout.write(text),
): Promise<number> {
  try {
    const command = parseAuditCommand(args);
    const settings = loadSettings();
    const { databaseUrl } = settings;
    if (databaseUrl === undefined) throw new AuditUsageError('DATABASE_URL names the database to verify.');
    return await withAuditChains(databaseUrl, settings, async (chains) => {
      const { ok, json, lines } = await run(command, chains);
      write(command.json ? `${JSON.stringify(json)}\n` : `${lines.join('\n')}\n`);
      return ok ? exitCodes.ok : exitCodes.refused;
    });
  } catch (error) {
    if (error instanceof AuditUsageError || error instanceof SettingsError) {
      process.stderr.write(`grantkeeper: ${error.message}\n`);
      return exitCodes.usage;
    }
    if (isDatabaseOutage(error)) {
      process.stderr.write('grantkeeper: the database cannot be reached\n');
      return exitCodes.unreachable;
    }
    if (error instanceof VaultError && error.code === 'kek_unavailable') {
      process.stderr.write(`grantkeeper: ${error.message}\n`);
      return exitCodes.unreachable;
    }
    throw error;
  }
}

async function run(command: AuditCommand, chains: AuditChains) {
  if (command.verb === 'prune') {
    const pruned = await chains.prune(command.before);
    return {
      ok: pruned.every(({ refused }) => refused === undefined),
      json: { pruned },
      lines: prunedLines(pruned),
    };
  }
  const report = await chains.verify(command.from);
  return { ok: report.ok, json: report, lines: reportLines(report) };
}
