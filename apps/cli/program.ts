import { Command } from 'commander';
import { applyCommands } from './apply/apply.commands.js';
import { auditCommands } from './audit/audit.commands.js';
import { exitCodes } from './cli.errors.js';
import { completionCommand } from './completion/completion.command.js';
import { doctorCommand } from './doctor/doctor.command.js';
import { importCommand } from './import/import.command.js';
import { type Action, resourceCommand } from './resources/resource-commands.js';
import { resources } from './resources/resources.js';
import { type GlobalOptions, Session } from './session.js';
import type { Terminal } from './terminal.js';
import { tokenCommand } from './token/token.command.js';
import { version } from './version.js';

const help = `
Address and key come from GRANTKEEPER_URL and GRANTKEEPER_KEY or GRANTKEEPER_KEY_FILE, or from a profile in
~/.config/grantkeeper/config.json: {"default": "prod", "profiles": {"prod": {"url": "https://…", "key_file": "…"}}}

Exit codes: 0 ok, 1 refused (also one row of many), 2 usage, 3 cannot be reached.

Examples:
  grantkeeper tenants list
  grantkeeper credentials create acme --id crm --provider … --client-id … --client-secret-file -
  grantkeeper token acme/main
  curl -H "$(grantkeeper token acme/main --format header)" https://api.example.com/
`;

/** All commands. `done` is told the exit code of the one that ran. */
export function program(terminal: Terminal, done: (exitCode: number) => void): Command {
  const root = new Command('grantkeeper')
    .description('The command line of Grantkeeper, a broker of OAuth tokens.')
    .version(version())
    .option('--json', 'answers and errors as JSON')
    .option('--profile <name>', 'a profile of the configuration file, also GRANTKEEPER_PROFILE')
    .option('--tenant <tenant>', 'the tenant that is meant, also GRANTKEEPER_TENANT')
    .option('--timeout <seconds>', 'how long to wait for an answer; 60 unless said')
    .addHelpText('after', help)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => {} })
    .showSuggestionAfterError()
    .exitOverride();
  const act: Action = (run, command) => {
    command.action(async (...args: unknown[]) => {
      const target = typeof args[0] === 'string' ? args[0] : undefined;
      const session = new Session(terminal, command.optsWithGlobals<GlobalOptions>());
      const refused = await run(session, command.optsWithGlobals(), target);
      done(refused ? exitCodes.refused : exitCodes.ok);
    });
  };
  const groups = new Map(resources.map((resource) => [resource.name, resourceCommand(root, resource, act)]));
  tokenCommand(root, act);
  applyCommands(root, act);
  importCommand(root, act);
  doctorCommand(root, act);
  completionCommand(root, terminal);
  auditCommands(groups.get('audit') ?? root, terminal, done);
  return root;
}
