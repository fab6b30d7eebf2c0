import { type Command, Option } from 'commander';
import { type Field, optionOf } from './field.js';

/** The options by which a command takes these fields. */
export function declareFields(command: Command, fields: readonly Field[]): void {
  for (const field of fields) for (const option of optionsOf(field)) command.addOption(option);
}

function optionsOf(field: Field): Option[] {
  const { kind, about } = field;
  const word = optionOf(field);
  switch (kind) {
    case 'flag':
      return [new Option(`--${word}`, about), new Option(`--no-${word}`, `the opposite of --${word}`)];
    case 'switch':
      return [new Option(`--${word}`, about)];
    case 'integer':
      return [new Option(`--${word} <number>`, about)];
    case 'list':
      return [new Option(`--${word} <names>`, `${about} (after commas, or again)`).argParser(several)];
    case 'pairs':
      return [new Option(`--${word} <name=value>`, `${about} (again for the next)`).argParser(several)];
    case 'settings':
      return [
        new Option(`--${word} <name=value>`, `${about} (again for the next; value may be JSON)`).argParser(
          several,
        ),
        new Option(`--${word}s-file <path>`, 'the same as a file of JSON or YAML'),
      ];
    case 'json':
      return [new Option(`--${word} <json>`, about)];
    case 'secret':
      return [
        new Option(`--${word}-file <path>`, `${about}, from a file; - is stdin`),
        new Option(`--${word}-env <name>`, 'the same from a variable of the environment'),
      ];
    case 'text':
      return [new Option(`--${word} <text>`, about)];
  }
}

function several(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
