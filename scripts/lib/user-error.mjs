// @ts-check
/** Something the person at the terminal can act on: shown as one line, without a stack. */
export class UserError extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode] 1 for what went wrong, 2 for a wrong command line
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'UserError';
    this.exitCode = exitCode;
  }
}

/** Errors of the applications whose messages are written for the person at the terminal too. */
const FOR_PEOPLE = ['SettingsError', 'VaultError'];

/**
 * Prints what stopped a command. Only unexpected errors bring their stack.
 *
 * @param {unknown} error
 * @returns {number} the exit code that goes with it
 */
export function reportError(error) {
  const isExpected =
    error instanceof UserError || (error instanceof Error && FOR_PEOPLE.includes(error.name));
  const text = error instanceof Error && !isExpected ? error.stack : undefined;
  process.stderr.write(`grantkeeper: ${text ?? (error instanceof Error ? error.message : error)}\n`);
  return error instanceof UserError ? error.exitCode : 1;
}

/**
 * @param {unknown} error
 * @returns {string | undefined} the system's code, such as `EACCES`
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
