import type { Command } from 'commander';
import { declareFields } from './field-options.js';
import type { Operation, Resource, Verb } from './resource.js';
import { type Run, runCreate, runDelete, runGet, runList, runUpdate, runVerb } from './run-resource.js';

/** Declares a command, and what runs it. */
export type Action = (run: Run, command: Command) => void;

/** The commands of one resource. */
export function resourceCommand(parent: Command, resource: Resource, act: Action): Command {
  const group = parent.command(resource.name).description(resource.about);
  const { list, get, create, update, delete: remove, verbs = {} } = resource;
  const add = (name: string, operation: Operation, argument: string | undefined, run: Run) => {
    const command = group.command(name).description(operation.about);
    if (argument !== undefined) command.argument(argument, aboutArgument(argument, resource));
    declareFields(command, [...(operation.fields ?? []), ...(operation.query ?? [])]);
    if (operation.fields) command.option('--body <path>', 'fields from a file of JSON or YAML; - is stdin');
    for (const example of operation.examples ?? [])
      command.addHelpText('after', `\nExample:\n  grantkeeper ${example}`);
    act(run, command);
    return command;
  };
  const owner = resource.owner === 'platform' ? undefined : '[tenant]';
  if (list) paged(add('list', list, owner, runList(resource, list)));
  if (get) add('get', get, '<id>', runGet(resource));
  if (create) add('create', create, owner, runCreate(resource, create));
  if (update) add('update', update, '<id>', runUpdate(resource, update));
  if (remove) add('delete', remove, '<id>', runDelete(resource));
  for (const [name, verb] of Object.entries(verbs)) addVerb(name, verb);
  return group;

  function addVerb(name: string, verb: Verb): void {
    const argument = verb.one ? '<id>' : verb.behind === 'root' ? undefined : owner;
    const command = add(name, verb, argument, runVerb(resource, verb));
    if (verb.columns && verb.behind !== 'root') paged(command);
    if (name === 'add-secret') command.alias('secrets');
  }
}

function paged(command: Command): void {
  command.option('--limit <number>', 'so many at most; 50 unless said');
  command.option('--cursor <cursor>', 'from the page before');
  command.option('--all', 'all of them, not only the first');
}

function aboutArgument(argument: string, { owner }: Resource): string {
  if (argument === '[tenant]')
    return owner === 'either' ? 'whose; absent: those of the platform' : 'whose; or --tenant';
  return owner === 'platform' ? 'its id' : 'tenant/id; or id beside --tenant';
}
