import type { Command } from 'commander';
import type { Action } from '../resources/resource-commands.js';
import { runApply } from './run-apply.js';
import { runExport } from './run-export.js';

const fileHelp = `
The file, in YAML or JSON:
  tenants:
    - id: acme
      name: Acme Inc.
      credentials:
        - id: crm
          provider: …                                # see: grantkeeper providers list
          client_id: a1b2
          client_secret: {secret_env: CRM_SECRET}   # or {secret_file: crm.secret}, from the folder of this file
          settings: {token_endpoint: "https://crm.example.com/token"}
      connections:
        - {id: main, credential: crm, grant: client_credentials, labels: {team: sales}}
      webhooks:
        - {url: "https://app.example.com/hook", secret_to_file: hook.secret}
      workload_identities:
        - {id: web, issuer: "https://k8s.example.com", match: {sub: "system:serviceaccount:app:web"}, role: token_reader}

Only what is declared is changed; a setting that is null is taken away. A secret is sent when client credentials are
made, or a setting changes that needs it; to change a secret use: credentials add-secret.

Examples:
  grantkeeper apply -f acme.yaml --dry-run
  grantkeeper export acme | grantkeeper --profile other apply -f -
`;

export function applyCommands(root: Command, act: Action): void {
  const apply = root
    .command('apply')
    .description(
      'make tenants, credentials, connections, webhooks and workload identities as a file declares them',
    )
    .option(
      '-f, --file <path>',
      'the file, again for the next; - is stdin',
      (path: string, before?: string[]) => [...(before ?? []), path],
    )
    .option('--dry-run', 'show the plan, and do nothing')
    .option('--prune', 'delete what the declared tenants have and the file has not')
    .addHelpText('after', fileHelp);
  act(runApply, apply);
  const exporting = root
    .command('export')
    .description('write a file for apply, with a variable of the environment in the place of each secret')
    .argument('[tenant]', 'this one only');
  act(runExport, exporting);
}
