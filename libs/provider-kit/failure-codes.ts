/**
 * The meaning of a failure for the grant, and so what happens next:
 * - `transient`: the provider did not act; the same request may be sent again later.
 * - `configuration`: the client or the request is wrong, the grant is not; an admin can mend it.
 * - `terminal`: the grant is gone; only a new authorisation brings it back.
 * - `unknown`: the provider may or may not have acted; a credential that rotates may be sent.
 */
export type FailureClass = 'transient' | 'configuration' | 'terminal' | 'unknown';

interface FailureCodeEntry {
  readonly class: FailureClass;
  /** The remedy that somebody has, in one sentence. */
  readonly remedy: string;
}

const retried =
  'Nothing to do: it is retried by itself. If it lasts, look at the status page of the provider.';

const userNeeded =
  'Only the user can mend it: the provider wants to ask them something. Authorise the connection again.';

/** Every code a provider call can end with, in `last_error.code` and in `provider_error.code`. */
export const failureCodes = {
  invalid_client: {
    class: 'configuration',
    remedy:
      'The provider refused the client credentials. Add the right secret with POST …/credentials/{id}/secrets; if it is right, compare how it is sent: settings.client_auth, and settings.basic_encoding where it is HTTP Basic.',
  },
  unauthorized_client: {
    class: 'configuration',
    remedy: "Allow this grant for the client in the provider's dashboard, then renew the connection.",
  },
  invalid_scope: {
    class: 'configuration',
    remedy: "Ask for a scope that the provider allows this client; compare the connection's scope.",
  },
  unsupported_grant_type: {
    class: 'configuration',
    remedy: "Use a grant that the provider offers; see GET /v1/providers and the credential's settings.",
  },
  invalid_request: {
    class: 'configuration',
    remedy: "The provider could not read the request. Check the credential's settings against its page.",
  },
  invalid_target: {
    class: 'configuration',
    remedy: "The provider does not know the resource or audience. Check the credential's settings.",
  },
  invalid_grant: {
    class: 'terminal',
    remedy: 'The grant has ended at the provider. Authorise the connection again.',
  },
  access_denied: {
    class: 'terminal',
    remedy: 'The user or the operator refused. Authorise the connection again.',
  },
  interaction_required: { class: 'terminal', remedy: userNeeded },
  consent_required: { class: 'terminal', remedy: userNeeded },
  login_required: { class: 'terminal', remedy: userNeeded },
  account_selection_required: { class: 'terminal', remedy: userNeeded },
  expired_token: { class: 'terminal', remedy: 'Nobody answered in time. Start the authorisation again.' },
  provider_refused: {
    class: 'configuration',
    remedy:
      'The provider refused in a word of its own; see provider_error. Say what it means in settings.error_codes or settings.error_rules, or mend what its page says of it.',
  },
  endpoint_not_found: {
    class: 'configuration',
    remedy: "Nothing answers token requests at that address. Compare the endpoint with the provider's page.",
  },
  unexpected_page: {
    class: 'configuration',
    remedy:
      "A web page came instead of an answer, as firewalls and login pages send it. Compare the endpoint with the provider's page, and ask the provider whether it blocks this address.",
  },
  rate_limited: { class: 'transient', remedy: 'Nothing to do: it is retried when the provider allows it.' },
  temporarily_unavailable: { class: 'transient', remedy: retried },
  server_error: { class: 'unknown', remedy: retried },
  malformed_response: {
    class: 'unknown',
    remedy:
      "The provider answered with something that is not a token response. Check the credential's settings.",
  },
  upstream_unreachable: { class: 'transient', remedy: retried },
  host_not_found: {
    class: 'transient',
    remedy:
      'The name of the host cannot be resolved. Compare the endpoint with its page, or mend the DNS here.',
  },
  connection_refused: {
    class: 'transient',
    remedy:
      'Nothing listens at that address and port, or a firewall refuses. Compare the endpoint; it is retried by itself.',
  },
  certificate_not_trusted: {
    class: 'transient',
    remedy:
      'Nobody trusted here has signed the certificate of the server. Name its authority in NODE_EXTRA_CA_CERTS and start again.',
  },
  certificate_not_valid: {
    class: 'transient',
    remedy:
      'The certificate of the server is over or for another host. Compare the endpoint and the clock here, or tell the provider.',
  },
  tls_failed: {
    class: 'transient',
    remedy:
      'The server does not speak TLS as it is spoken here. Compare scheme, host and port of the endpoint.',
  },
  client_certificate_refused: {
    class: 'configuration',
    remedy:
      'The server wants a client certificate, and not the one it was shown. Compare settings.client_auth and settings.client_certificate with what is registered there.',
  },
  upstream_timeout: { class: 'unknown', remedy: retried },
  connection_dropped: { class: 'unknown', remedy: retried },
  connection_reset: {
    class: 'unknown',
    remedy:
      'The provider, or a firewall on the way, reset the connection. It is retried by itself; if it lasts, ask whether this address is blocked.',
  },
  header_too_large: {
    class: 'unknown',
    remedy: 'The provider answered with too many headers. Check that the endpoint is a token endpoint.',
  },
  response_too_large: {
    class: 'unknown',
    remedy: 'The provider answered with more than 64 KiB. Check that the endpoint is a token endpoint.',
  },
  redirect_refused: {
    class: 'configuration',
    remedy:
      'The token endpoint answered with a redirect, which is never followed. Configure its final address.',
  },
  egress_refused: {
    class: 'configuration',
    remedy:
      'The address is not public https on port 443. Allow it with GRANTKEEPER_EGRESS_ALLOW if it is meant to be used.',
  },
  secret_unreadable: {
    class: 'configuration',
    remedy: 'A stored secret does not open. Check that GRANTKEEPER_KEKS lists every key in use.',
  },
  key_service_unavailable: {
    class: 'transient',
    remedy: 'A key service of GRANTKEEPER_KEKS is away, so the provider was not asked. The log says why.',
  },
  journal_unavailable: {
    class: 'transient',
    remedy:
      'The answer could not have been kept safe, so nothing was sent. Free space in GRANTKEEPER_DATA_DIR, or make it writable.',
  },
  internal_error: {
    class: 'configuration',
    remedy: 'A defect of Grantkeeper; the connection is left alone for a while. Its log says more.',
  },
  not_supported: {
    class: 'configuration',
    remedy: 'The number is not on a network that supports this. Use another number or another API.',
  },
  permission_denied: {
    class: 'configuration',
    remedy:
      'The provider does not allow this client that API, purpose or number. Ask for it in its dashboard.',
  },
  refused_repeatedly: {
    class: 'terminal',
    remedy:
      'The provider has refused every renewal for a day, in words that say nothing of the grant. Authorise the connection again, or name the word in settings.error_codes.',
  },
  account_mismatch: {
    class: 'terminal',
    remedy:
      'Another account has consented than before; nothing was changed. Authorise it again with the same account, or allow another with allow_account_change, or make a new connection.',
  },
  not_renewable: {
    class: 'terminal',
    remedy:
      'The token has expired, and the provider gave none to renew it with. Ask for a refresh token, by settings.authorization_parameters or the scope, and authorise the connection again.',
  },
  token_used: {
    class: 'terminal',
    remedy:
      'The token could be used once, and has been handed out. Authorise the connection again for another.',
  },
  confirmation_expired: {
    class: 'terminal',
    remedy: 'The authorisation was not confirmed in time. Authorise the connection again.',
  },
  discovery_failed: {
    class: 'transient',
    remedy: "The issuer's metadata could not be read. Check settings.issuer, or configure the endpoints.",
  },
} as const satisfies Record<string, FailureCodeEntry>;

export type FailureCode = keyof typeof failureCodes;

export function remedyFor(code: string): string | undefined {
  return code in failureCodes ? failureCodes[code as FailureCode].remedy : undefined;
}
