export const exitCodes = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** RFC 9457; those of the API as they came, those of the command line in the same form. */
export interface ProblemDocument extends Readonly<Record<string, unknown>> {
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly remedy?: string;
}

/** An end of a command that is shown without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: number,
    readonly problem: ProblemDocument,
  ) {
    super(problem.detail ?? problem.title);
  }
}

export function usageError(detail: string, remedy?: string): CliError {
  return new CliError(exitCodes.usage, own('usage', 'The command is not valid', detail, remedy));
}

export function refusedError(code: string, detail: string, remedy?: string): CliError {
  return new CliError(exitCodes.refused, own(code, 'Refused', detail, remedy));
}

export function unreachableError(detail: string, remedy: string): CliError {
  return new CliError(exitCodes.unreachable, own('unreachable', 'Cannot be reached', detail, remedy));
}

function own(code: string, title: string, detail: string, remedy?: string): ProblemDocument {
  const type = `urn:grantkeeper:problem:${code}`;
  return { type, title, code, detail, ...(remedy === undefined ? {} : { remedy }) };
}

/** Whether the API itself is away, and not a provider behind it, which stands in the way of one thing alone. */
export function isAbsent(error: unknown): boolean {
  return (
    error instanceof CliError &&
    error.exitCode === exitCodes.unreachable &&
    error.problem.code !== 'provider_unavailable'
  );
}
