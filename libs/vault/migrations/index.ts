import { Roles1764000000001 } from './0001-roles.js';
import { Tables1764000000002 } from './0002-tables.js';
import { RowLevelSecurity1764000000003 } from './0003-row-level-security.js';
import { DoorkeeperFunctions1764000000004 } from './0004-doorkeeper-functions.js';
import { TokenFunctions1764000000005 } from './0005-token-functions.js';
import { ChangeNotifications1764000000006 } from './0006-change-notifications.js';
import { RenewalProtocol1764000000007 } from './0007-renewal-protocol.js';
import { JournalFunctions1764000000008 } from './0008-journal-functions.js';
import { ClaimFunctions1764000000009 } from './0009-claim-functions.js';
import { RenewalEnds1764000000010 } from './0010-renewal-ends.js';
import { Webhooks1764000000011 } from './0011-webhooks.js';
import { DeliveryFunctions1764000000012 } from './0012-delivery-functions.js';
import { Housekeeping1764000000013 } from './0013-housekeeping.js';

/** In the order they run. The number of them is the schema version. */
export const migrations = [
  Roles1764000000001,
  Tables1764000000002,
  RowLevelSecurity1764000000003,
  DoorkeeperFunctions1764000000004,
  TokenFunctions1764000000005,
  ChangeNotifications1764000000006,
  RenewalProtocol1764000000007,
  JournalFunctions1764000000008,
  ClaimFunctions1764000000009,
  RenewalEnds1764000000010,
  Webhooks1764000000011,
  DeliveryFunctions1764000000012,
  Housekeeping1764000000013,
];
