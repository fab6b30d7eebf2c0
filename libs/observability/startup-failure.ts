/**
 * Says what an operator can do about it, in one line. Names settings, never their values, except ports and addresses.
 * @returns undefined for what only a developer can understand
 */
export function explainStartupFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'SettingsError' || error.name === 'VaultError') return error.message;
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `PORT ${port ?? ''} is in use on ${address ?? 'this host'}: set PORT (or WORKER_PORT) to a free one.`;
    case 'EADDRNOTAVAIL':
      return `HOST ${address ?? ''} is no address of this machine: set HOST to one that is.`;
    case 'EACCES':
      return port === undefined
        ? `A file cannot be opened: ${error.message}.`
        : `PORT ${port} may not be listened on by this user: set PORT to another.`;
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ETIMEDOUT':
    case 'ECONNRESET':
    case '57P03':
      return `The database named by DATABASE_URL cannot be reached (${code}).`;
    case '28P01':
    case '28000':
      return 'The database named by DATABASE_URL refuses the user or the password.';
    case '3D000':
      return 'The database named by DATABASE_URL does not exist.';
    default:
      return undefined;
  }
}
