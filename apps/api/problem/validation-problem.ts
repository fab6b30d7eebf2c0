import { type FieldError, Problem } from './problem.js';

/** The members that zod's issues share with those of any standard schema. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const maxErrors = 20;
const maxNameLength = 100;

/**
 * A refusal that names every field, and the rule it broke; never the value, which may be a secret.
 * @param prefix path of the part that was checked, where it is not the whole body
 */
export function validationProblem(issues: readonly Issue[], prefix: readonly string[] = []): Problem {
  const errors = issues.flatMap((issue) => fieldErrors(issue, prefix)).slice(0, maxErrors);
  const detail = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ');
  return new Problem('invalid_request', { detail, errors });
}

function fieldErrors(issue: Issue, prefix: readonly string[]): FieldError[] {
  const path = [
    ...prefix,
    ...(issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)),
  ];
  const { code, keys, issues } = issue as { code?: unknown; keys?: unknown; issues?: unknown };
  if (code === 'unrecognized_keys' && Array.isArray(keys)) {
    return keys.map((key) => ({ field: nameOf([...path, String(key)]), message: 'is not a known field' }));
  }
  // Of the name of a member: the rule it broke is one level down.
  const [broken] = code === 'invalid_key' && Array.isArray(issues) ? (issues as Issue[]) : [issue];
  return [{ field: nameOf(path), message: (broken ?? issue).message }];
}

function nameOf(path: readonly string[]): string {
  const name = path.join('.');
  return name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
}
