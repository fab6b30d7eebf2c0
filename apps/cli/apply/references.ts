import { resolve } from 'node:path';
import { CliError } from '../cli.errors.js';
import { secretInFile, secretInVariable } from '../resources/secret-source.js';
import type { Terminal } from '../terminal.js';
import type { SecretReference } from './apply-file.schemas.js';

/** Finds what a declaration refers to. */
export class References {
  constructor(
    private readonly terminal: Terminal,
    private readonly folder: string,
  ) {}

  /** @throws CliError when it is not there */
  resolve(field: string, reference: SecretReference | string): string {
    if (typeof reference === 'string') return reference;
    return 'secret_env' in reference
      ? secretInVariable(this.terminal, reference.secret_env, field)
      : secretInFile(this.terminal, resolve(this.folder, reference.secret_file), field);
  }

  /** Why something among these is not there; undefined where all are. */
  missing(fields: Readonly<Record<string, SecretReference | string | undefined>>): string | undefined {
    const reasons = Object.entries(fields).flatMap(([field, reference]) => {
      try {
        if (reference !== undefined) this.resolve(field, reference);
        return [];
      } catch (error) {
        if (error instanceof CliError) return [error.message];
        throw error;
      }
    });
    return reasons.length === 0 ? undefined : `${reasons.join(' ')} Put it there, and apply again.`;
  }

  resolveAll(fields: Readonly<Record<string, SecretReference | string | undefined>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(fields).flatMap(([field, reference]) =>
        reference === undefined ? [] : [[field, this.resolve(field, reference)]],
      ),
    );
  }

  path(path: string): string {
    return resolve(this.folder, path);
  }
}
