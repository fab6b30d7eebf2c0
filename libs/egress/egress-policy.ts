/**
 * - `guarded`: allowed, provided that the address it resolves to is public.
 * - `exempt`: an operator named this origin; neither rule applies.
 * - `refused`: no connection is made.
 */
export type EgressDecision = 'guarded' | 'exempt' | 'refused';

interface EgressRule {
  readonly protocol: string;
  readonly hostname: string;
  /** null: any port. */
  readonly port: string | null;
}

const ruleForm = /^(?<origin>https?:\/\/(?:\[[\da-f:.]+\]|[^\s/:?#@*[\]]+))(?::(?<port>\d{1,5}|\*))?\/?$/i;

/** Where provider calls may go: public https on its own port, so that no scan of ports is made of them, and what the operator listed in `GRANTKEEPER_EGRESS_ALLOW`. */
export class EgressPolicy {
  private readonly rules: readonly EgressRule[];

  /** @throws Error naming the entry that is not `scheme://host[:port or *]` */
  constructor(allow: readonly string[]) {
    this.rules = allow.map(parseRule);
  }

  /** @param configured the origin came from `GRANTKEEPER_PROVIDER_ENDPOINTS` */
  decide(url: URL, configured: boolean): EgressDecision {
    if (url.username !== '' || url.password !== '') return 'refused';
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'refused';
    if (configured || this.rules.some((rule) => matches(rule, url))) return 'exempt';
    return url.protocol === 'https:' && portOf(url) === '443' ? 'guarded' : 'refused';
  }
}

function matches(rule: EgressRule, url: URL): boolean {
  return (
    rule.protocol === url.protocol &&
    rule.hostname === url.hostname &&
    (rule.port === null || rule.port === portOf(url))
  );
}

function parseRule(entry: string): EgressRule {
  const groups = ruleForm.exec(entry.trim())?.groups;
  const origin = groups?.['origin'];
  if (!origin || !URL.canParse(origin)) {
    throw new Error(`Egress rule "${entry}" is not of the form scheme://host[:port or *].`);
  }
  const url = new URL(origin);
  const port = groups['port'];
  return {
    protocol: url.protocol,
    hostname: url.hostname,
    port: port === '*' ? null : port === undefined ? portOf(url) : String(Number(port)),
  };
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}
