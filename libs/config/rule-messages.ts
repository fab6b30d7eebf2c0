import { z } from 'zod';

const typeNames: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};

const formatNames: Readonly<Record<string, string>> = {
  datetime: 'an RFC 3339 time',
  email: 'an email address',
  url: 'a URL',
  uuid: 'a UUID',
};

/** Says of a field which rule it broke, to be read after its name; never its value, which may be a secret. */
export function ruleMessage(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'must be given';
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'too_small':
      if (Number(issue.minimum) === 1 && unitOf(issue.origin) !== '') return 'must not be empty';
      return bounded(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue.origin);
    case 'too_big':
      return bounded(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue.origin);
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return Array.isArray(issue.options) ? oneOf(issue.options) : 'has none of the forms that it may have';
    case 'invalid_format':
      if (issue.format === 'regex' && issue.pattern !== undefined) return `must match ${issue.pattern}`;
      return `must be ${formatNames[issue.format] ?? `a valid ${issue.format}`}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has no field ${issue.keys.join(', ')}`;
    default:
      return 'is not valid';
  }
}

function bounded(bound: string, number: number | bigint, origin: string): string {
  const unit = unitOf(origin);
  return unit === ''
    ? `must be ${bound} ${number}`
    : `must have ${bound} ${number} ${unit}${Number(number) === 1 ? '' : 's'}`;
}

/** Empty for what is counted by itself. */
function unitOf(origin: string): string {
  if (origin === 'string') return 'character';
  return origin === 'array' || origin === 'set' ? 'item' : '';
}

function oneOf(values: readonly unknown[]): string {
  return `must be ${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}`;
}

/** For every schema of the process: this module is loaded with the settings, before anything is checked. */
z.config({ localeError: ruleMessage });
