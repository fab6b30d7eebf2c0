export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly connections: readonly string[] | null;
  readonly expires_at: string | null;
  readonly created_at: string;
  /** Of an answer to its creation only. */
  readonly key?: string;
}

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[] | null;
  readonly failing_since: string | null;
  readonly disabled_at: string | null;
  /** Of an answer to its creation only. */
  readonly secret?: string;
}

export interface Delivery {
  readonly id: string;
  readonly connection: string;
  readonly type: string;
  readonly status: string;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly next_attempt_at: string | null;
  readonly created_at: string;
}

export interface WorkloadIdentity {
  readonly id: string;
  readonly issuer: string;
  readonly audience: string | null;
  readonly match: Readonly<Record<string, string | { readonly glob: string }>>;
  readonly role: string;
}

export interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The end of a chain of audit events. */
export interface Checkpoint {
  readonly sequence: number;
  readonly hash: string;
  readonly at: string;
}

export interface Hold {
  readonly held: boolean;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly held_at: string | null;
  readonly released_at: string | null;
}

export interface KeyEncryptionKey {
  readonly id: string;
  readonly state: string;
  readonly kind: string | null;
  readonly data_keys: number;
  readonly callers: number;
  readonly removable: boolean;
  readonly remedy: string | null;
}

export interface EndingGrant {
  readonly connection: string;
  readonly ends_at: string;
}

export interface UpstreamHealth {
  readonly provider: string;
  readonly upstream: string;
  readonly answers: boolean | null;
  readonly renewals: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly failures: Readonly<Record<string, number>>;
  readonly due: number;
  readonly lateness_seconds: number;
}

export interface ProviderOfInstallation {
  readonly provider: string;
  readonly connections: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly due: number;
  readonly lateness_seconds: number;
}
