import { QueryFailedError } from 'typeorm';
import { VaultError } from './vault.errors.js';

const byState: Readonly<Record<string, 'duplicate' | 'in_use' | 'tenant_gone'>> = {
  '23505': 'duplicate',
  '23001': 'in_use',
  '23503': 'tenant_gone',
};

/** SQLSTATE of a failed statement, if that is what it is. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof QueryFailedError ? (error.driverError as { code?: string }).code : undefined;
}

/** Turns a violated unique key into `duplicate`; anything else is thrown as it came. */
export async function refusingDuplicates<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const code = byState[sqlState(error) ?? ''];
    throw code ? new VaultError(code) : error;
  });
}

/** Turns a violated foreign key into `tenant_gone`: somebody has removed meanwhile what the row would belong to. */
export async function refusingOrphans<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw sqlState(error) === '23503' ? new VaultError('tenant_gone') : error;
  });
}
