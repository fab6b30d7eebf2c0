import { guard } from '../guard.ts';

const check = 'libs/vault/audit/chain-check.ts';
const chains = 'libs/vault/audit/audit-chains.int-spec.ts';

export const auditGuards = [
  guard(
    'reads that come while others are written are the next flush’s',
    'libs/access/audit/token-read-log.int-spec.ts',
    ['libs/access/audit/token-read-log.ts', 'left -= written;', 'left -= 0;'],
  ),
  guard('an audit event carries an HMAC', chains, [
    check,
    'else if (!this.macs.isRight(message, mac)) this.find(wrong, sequence);',
    '',
  ]),
  guard('an audit event is what its hash was made of', chains, [
    check,
    "if (!auditHash({ ...event, tenantId: this.tenantId }).equals(event.hash)) this.find('edited', sequence);",
    '',
  ]),
  guard('an audit event continues the one before', chains, [
    check,
    "else if (!event.previousHash.equals(this.lastHash)) this.find('unlinked', sequence);",
    '',
  ]),
  guard('audit events have a sequence without gaps', chains, [
    check,
    "else if (sequence > this.lastSequence + 1) this.find('missing', sequence);",
    'else if (sequence > this.lastSequence + 1) return;',
  ]),
  guard('a chain knows of its last event', chains, [
    check,
    "if (head.sequence > this.lastSequence) this.find('truncated', head.sequence);",
    'if (head.sequence > this.lastSequence) return;',
  ]),
  guard('a checkpoint shows that the end of a chain is gone', chains, [
    check,
    "if (sequence > this.lastSequence) this.find('truncated', sequence);\n",
    'if (sequence > this.lastSequence) continue;\n',
  ]),
  guard('the database takes no event that does not continue its chain', chains, [
    'libs/vault/schema/functions/append_audit_events.sql',
    "if not found then raise exception 'The events do not continue the chain.'; end if;",
    '',
  ]),
  guard('a chain that is not intact is not pruned', chains, [
    'libs/vault/audit/audit-chains.ts',
    'findings.length > 0\n          ?',
    'findings.length < 0\n          ?',
  ]),
  guard(
    'a change without its audit event fails',
    ['test/contract/audit.spec.ts', 'is not made, whichever it is'],
    ['libs/vault/audit/audit-trail.ts', "throw new VaultError('not_audited');", 'return;'],
  ),
];
