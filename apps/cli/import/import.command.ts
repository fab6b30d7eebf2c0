import type { Command } from 'commander';
import type { Action } from '../resources/resource-commands.js';
import { runImport } from './run-import.js';

const help = `
Columns of CSV, members of JSON (a list, or one object a line):
  tenant, id, credential, grant, subject?, scope?, label:<key>?, refresh_token?, renewal?
  and the fields of other grants: username, password, login_hint, assertion_subject, return_url, phone_number

A row whose id is there already is left as it is: after an end of any kind the same import goes on where it stood.

Examples:
  grantkeeper import grants.csv --dry-run
  grantkeeper import grants.csv --json > result.json
`;

export function importCommand(root: Command, act: Action): void {
  const command = root
    .command('import')
    .description('make a connection of each row of a file of CSV or JSON')
    .argument('<file>', 'the file; - is stdin')
    .option('--dry-run', 'check the rows, and make nothing')
    .option('--concurrency <number>', 'so many rows at once; 4 unless said')
    .addHelpText('after', help);
  act(runImport, command);
}
