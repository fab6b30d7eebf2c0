export interface SandboxCount {
  /** Requests that came, those dropped before processing included. */
  readonly arrived: number;
  /** Requests processed, whatever the answer. */
  readonly requests: number;
  readonly issued: number;
}

export interface SandboxRequest {
  readonly path: string;
  readonly body: string;
  readonly raw_headers: readonly (readonly [string, string])[];
  readonly status: number | null;
}

/** The control API of a running provider sandbox, over HTTP: its own folder describes the members. */
export interface SandboxControl {
  readonly origin: string;
  reset(): Promise<void>;
  /** A deviation for the next request, or for as many as `times` says. */
  rule(rule: object): Promise<void>;
  /** Moves its clock forward. */
  advance(seconds: number): Promise<void>;
  /** A grant as if its user had allowed it elsewhere. @returns its refresh token */
  grant(grant: {
    provider: string;
    client_id: string;
    user: string;
    lifetime_seconds?: number;
  }): Promise<string>;
  /** As when its users take back what they allowed a client. */
  revokeGrants(clientId: string): Promise<void>;
  /** Forgets all rules, spent or not. */
  clearRules(): Promise<void>;
  /** A standing deviation of a provider or client. */
  behave(behaviour: object): Promise<void>;
  register(client: {
    provider: string;
    client_id: string;
    client_secret: string | readonly string[];
  }): Promise<void>;
  counts(clientId: string): Promise<SandboxCount>;
  requests(clientId: string): Promise<readonly SandboxRequest[]>;
  /** Whether the provider would accept the token, and from when to when. */
  judge(
    token: string,
  ): Promise<{ readonly accepted: boolean; readonly issued_at: string; readonly expires_at: string }>;
}

export function sandboxControl(origin: string): SandboxControl {
  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${origin}/_control/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (response.status >= 500 || (response.status >= 400 && response.status !== 404)) {
      throw new Error(`The sandbox refused ${method} ${path}: ${response.status} ${text}`);
    }
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  return {
    origin,
    reset: () => call('POST', 'reset'),
    rule: (rule) => call('POST', 'rules', rule),
    advance: (seconds) => call('POST', 'clock', { advance_seconds: seconds }),
    grant: async (grant) => (await call<{ refresh_token: string }>('POST', 'grants', grant)).refresh_token,
    revokeGrants: (clientId) => call('DELETE', `grants?${new URLSearchParams({ client_id: clientId })}`),
    clearRules: () => call('DELETE', 'rules'),
    behave: (behaviour) => call('PUT', 'behaviours', behaviour),
    register: (client) => call('POST', 'clients', client),
    counts: async (clientId) =>
      (await call<{ total: SandboxCount }>('GET', `counts?${new URLSearchParams({ client_id: clientId })}`))
        .total,
    requests: async (clientId) =>
      (
        await call<{ items: SandboxRequest[] }>(
          'GET',
          `requests?${new URLSearchParams({ client_id: clientId })}`,
        )
      ).items,
    judge: (token) => call('GET', `tokens/${encodeURIComponent(token)}`),
  };
}
