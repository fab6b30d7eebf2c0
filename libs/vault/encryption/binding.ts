import type { SealedTable } from './sealed-columns.js';

/**
 * Where a ciphertext belongs. It is part of the protected header, which A256GCM authenticates, and compared when
 * opening: a ciphertext put into another row, column, tenant, installation or generation does not open.
 */
export interface Binding {
  readonly tenantId: string;
  readonly table: SealedTable | 'journal' | 'mac_keys' | 'tenant_keys';
  readonly column: string;
  readonly rowId: string;
  /** Generation of a token set, version of a secret or key. */
  readonly generation: number;
}

export interface BoundHeader {
  readonly dep: string;
  readonly ten: string;
  readonly tbl: string;
  readonly col: string;
  readonly row: string;
  readonly gen: number;
}

export function boundHeader(deploymentId: string, binding: Binding): BoundHeader {
  return {
    dep: deploymentId,
    ten: binding.tenantId,
    tbl: binding.table,
    col: binding.column,
    row: binding.rowId,
    gen: binding.generation,
  };
}

export function isBoundTo(header: Readonly<Record<string, unknown>>, expected: BoundHeader): boolean {
  return Object.entries(expected).every(([name, value]) => header[name] === value);
}
