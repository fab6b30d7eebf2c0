import { Argument, type Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { completionScript, shells } from './completion-script.js';

const help = `
Examples:
  grantkeeper completion bash > /etc/bash_completion.d/grantkeeper
  grantkeeper completion zsh > "\${fpath[1]}/_grantkeeper"
  grantkeeper completion fish > ~/.config/fish/completions/grantkeeper.fish
`;

export function completionCommand(root: Command, terminal: Terminal): void {
  root
    .command('completion')
    .description('write a script by which a shell completes the commands')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText('after', help)
    .action((shell: (typeof shells)[number]) => terminal.out(completionScript(root, shell)));
}
