import type { Command } from 'commander';
import { CliError } from '../cli.errors.js';
import type { Action } from '../resources/resource-commands.js';
import type { Session } from '../session.js';
import { safeText } from '../text/safe-text.js';
import { checkApi } from './check-api.js';
import { checkCallback } from './check-callback.js';
import { checkDatabase } from './check-database.js';
import { checkEgress } from './check-egress.js';
import { checkDataDir, checkSettings, hasSettings } from './check-settings.js';
import { type Finding, skipped } from './finding.js';

const help = `
The API is asked as by any other command. Database, settings and the journal folder are looked at where their settings
are given (DATABASE_URL, GRANTKEEPER_DATA_DIR, …): run it where api and worker run. Nothing is changed.

Exit codes: 0 nothing failed, 1 something failed, 3 the API cannot be reached.

Example:
  kubectl exec deploy/grantkeeper-api -- node dist/apps/cli/main.js doctor
`;

export function doctorCommand(root: Command, act: Action): void {
  const command = root
    .command('doctor')
    .description('look for what is wrong with an installation, and say what to do')
    .addHelpText('after', help);
  act(runDoctor, command);
}

async function runDoctor(session: Session): Promise<boolean> {
  const isProduct = hasSettings(session.terminal);
  const findings: Finding[] = [
    isProduct ? await checkSettings(session.terminal) : skipped('settings', 'None are set here.'),
    ...(await checkDatabase(session.terminal)),
    checkDataDir(session.terminal),
    ...(await checkApi(session)),
  ];
  const isThere = findings.some(
    ({ check, result }) => check === 'api' && (result === 'ok' || result === 'warning'),
  );
  if (isThere) findings.push(...(await checkEgress(session, isProduct)), await checkCallback(session));
  session.print({ findings }, () => findings.map(textOf).join(''));
  if (findings.some(({ check, result }) => check === 'api' && result === 'failed')) {
    const [{ detail, remedy } = { detail: '', remedy: '' }] = findings.filter(({ check }) => check === 'api');
    throw new CliError(3, {
      title: 'Cannot be reached',
      code: 'unreachable',
      detail,
      ...(remedy ? { remedy } : {}),
    });
  }
  return findings.some(({ result }) => result === 'failed');
}

const signs = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ', skipped: 'skipped' };

function textOf({ check, result, detail, remedy }: Finding): string {
  const line = `${signs[result]}  ${safeText(`${check}: ${detail}`)}\n`;
  return remedy === undefined ? line : `${line}         ${safeText(remedy)}\n`;
}
