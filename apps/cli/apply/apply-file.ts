import { dirname } from 'node:path';
import { ruleMessage } from '#config';
import { usageError } from '../cli.errors.js';
import { pathFrom, type Terminal } from '../terminal.js';
import { documentIn } from '../text/document-file.js';
import { applyFile, type DeclaredTenant } from './apply-file.schemas.js';

/** A tenant, and the folder from which its `secret_file` are meant. */
export interface Declaration {
  readonly tenant: DeclaredTenant;
  readonly folder: string;
}

/** @throws CliError naming every place that is not as it must be; never a value, which may be a secret */
export function declarationsIn(terminal: Terminal, paths: readonly string[]): Declaration[] {
  const all = paths.flatMap((path) => {
    const full = path === '-' ? '-' : pathFrom(terminal, path);
    const read = applyFile.safeParse(documentIn(terminal, full), { error: ruleMessage });
    if (!read.success) {
      const places = read.error.issues.map(
        ({ path: at, message }) => `${at.map(String).join('.') || 'the file'}: ${message}`,
      );
      throw usageError(`${path}: ${places.join('; ')}`);
    }
    const folder = full === '-' ? terminal.folder : dirname(full);
    return read.data.tenants.map((tenant) => ({ tenant, folder }));
  });
  const ids = all.map(({ tenant }) => tenant.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw usageError(`The tenant ${twice} is declared twice.`);
  return all;
}
