import { log } from '#observability';
import type { RowMac, RowSeal, SealedMembers } from '../encryption/row-mac.js';

/** Whether a row that lets somebody in was written by this installation; says so in the log where it was not. */
export function isOurs(macs: RowMac, members: SealedMembers, seal: RowSeal): boolean {
  if (macs.verifies(members, seal)) return true;
  const [table, row] = members;
  log.error(
    { table, row, kid: seal.macKid },
    'a row that would let a caller in is refused: its HMAC is not of this installation, or of a key that GRANTKEEPER_KEKS does not list',
  );
  return false;
}
