import type { Json } from '../text/table.js';
import type { VariableNames } from './variable-names.js';

/** @param secrets which it has, newest first */
export function exportedCredential(
  tenant: string,
  { id, provider, client_id, settings }: Json,
  [newest]: readonly Json[],
  names: VariableNames,
): Json {
  const kind = String(newest?.['kind'] ?? 'none');
  const secret = kind === 'none' ? {} : { [kind]: names.reference(tenant, String(id), kind) };
  return { id, provider, client_id, ...secret, settings };
}
