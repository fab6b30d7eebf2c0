/** Of the API's answers, the members that the console shows. `/openapi.json` has all of them. */
export interface Session {
  readonly sign_in: 'api_key' | 'single_sign_on';
  readonly role: 'platform_admin' | 'tenant_admin' | 'connector' | 'token_reader';
  readonly tenant: string | null;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

export interface Branding {
  readonly name?: string;
  readonly logo?: string;
  readonly colour?: string;
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly renewal_weight: number;
  readonly audit_reads: 'batched' | 'strict';
  readonly rate_limit_per_second: number | null;
  readonly key_rate_limit_per_second: number | null;
  readonly created_at: string;
  /** Not in a list. */
  readonly branding?: Branding | null;
}

/** Of JSON Schema 2020-12, the words that a form is made of. */
export interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly writeOnly?: boolean;
  readonly format?: string;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly documentation_url: string;
  readonly grants: readonly string[];
  readonly credential_schema: JsonSchema;
  readonly settings_schema: JsonSchema;
}

export interface Preset {
  readonly id: string;
  readonly provider: string;
  readonly title: string;
  readonly documentation_url: string;
  readonly remark?: string;
  readonly grants: readonly string[];
  readonly inputs: Readonly<Record<string, JsonSchema & { readonly default?: string }>>;
}

export interface Credential {
  readonly id: string;
  readonly provider: string;
  readonly client_id: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly created_at: string;
}

export interface ProviderError {
  readonly status?: number;
  readonly error?: string;
  readonly error_description?: string;
  readonly member?: string;
}

export interface LastError {
  readonly code: string;
  readonly at: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly remedy: string;
  readonly provider_error: ProviderError | null;
}

export type Status = 'pending' | 'active' | 'degraded' | 'reauthorization_required';

export interface Connection {
  readonly id: string;
  readonly credential: string;
  readonly provider: string;
  readonly grant: string;
  readonly subject: string | null;
  readonly scope: string | null;
  readonly missing_scopes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly account: { readonly id: string; readonly name?: string; readonly email?: string } | null;
  readonly paused: boolean;
  readonly status: Status;
  readonly renewal: string;
  readonly generation: number;
  readonly access_token_expires_at: string | null;
  readonly refresh_token_expires_at: string | null;
  readonly next_renewal_at: string | null;
  readonly last_renewed_at: string | null;
  readonly last_error: LastError | null;
}

/** A connection for which somebody must still do something. */
export interface PendingConnection extends Connection {
  readonly authorization_url?: string;
  readonly verification_uri?: string;
  readonly verification_uri_complete?: string;
  readonly user_code?: string;
  readonly expires_at?: string;
}

export interface ConnectionEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}
