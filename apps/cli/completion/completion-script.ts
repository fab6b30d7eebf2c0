import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** The words that may come after each command, such as `keys create`; the root is ''. */
export function wordsByCommand(root: Command): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, readonly string[]>();
  const global = longOptions(root);
  const visit = (command: Command, path: string) => {
    const names = command.commands.map((one) => one.name());
    words.set(path, [...names, ...new Set([...longOptions(command), ...global, '--help'])]);
    for (const one of command.commands) visit(one, `${path} ${one.name()}`.trim());
  };
  visit(root, '');
  return words;
}

function longOptions(command: Command): string[] {
  return command.options.flatMap(({ long }) => long ?? []);
}

export function completionScript(root: Command, shell: (typeof shells)[number]): string {
  const words = wordsByCommand(root);
  if (shell === 'fish') return fish(words);
  return shell === 'bash'
    ? bash(words)
    : `#compdef grantkeeper\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
}

/** The words after the command that stands before the cursor; after one word of it, where the second is an argument. */
function bash(words: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...words].map(([path, next]) => `    '${path}') echo '${next.join(' ')}' ;;\n`).join('');
  return `_grantkeeper_words() {
  case "$1" in
${cases}    *) return 1 ;;
  esac
}
_grantkeeper() {
  local word first='' second='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$word" in -*) continue ;; esac
    if [ -z "$first" ]; then first="$word"; elif [ -z "$second" ]; then second="$word"; fi
  done
  word="$(_grantkeeper_words "$first\${second:+ $second}" || _grantkeeper_words "$first")"
  COMPREPLY=($(compgen -W "$word" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _grantkeeper grantkeeper
`;
}

function fish(words: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...words].map(([path, next]) => {
    const condition =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return `complete -c grantkeeper -n '${condition}' -a '${next.join(' ')}'\n`;
  });
  return `complete -c grantkeeper -f\n${lines.join('')}`;
}
