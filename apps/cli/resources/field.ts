/** One member of a request, and how the command line takes it. */
export interface Field {
  /** As the API has it. */
  readonly name: string;
  readonly kind: FieldKind;
  readonly about: string;
}

export type FieldKind =
  | 'text'
  /** `none` is null. */
  | 'integer'
  /** On or off; not named: as it is. */
  | 'flag'
  /** On where it is named. */
  | 'switch'
  /** Several, after commas or by naming the option again. */
  | 'list'
  /** `name=value`, each by naming the option again. */
  | 'pairs'
  /** The same, where a value that is JSON is taken as such; or a file of them. */
  | 'settings'
  | 'json'
  /** Never an argument, for those are in the list of processes: a file, stdin or a variable of the environment. */
  | 'secret';

/** `rate_limit_per_second` is `--rate-limit-per-second`. */
export function optionOf({ name, kind }: Field): string {
  const word = name.replaceAll('_', '-');
  return kind === 'pairs' || kind === 'settings' ? word.replace(/s$/, '') : word;
}

export function text(name: string, about: string): Field {
  return { name, kind: 'text', about };
}

export function secret(name: string, about: string): Field {
  return { name, kind: 'secret', about };
}
