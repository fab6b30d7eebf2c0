/** Generated from /openapi.json: `UPDATE_TYPES=1 npm test -- test/integration/client`. */

export interface Token {
  access_token: string;
  token_type: string;
  /** Seconds left; null for a token that does not expire. */
  expires_in: number | null;
  expires_at: string | null;
  scope: string | null;
  /** One more at each renewal. */
  generation: number;
  /** Members that go with the token, such as instance_url; absent where there is nothing. */
  fields?: Readonly<Record<string, string>> | undefined;
}

export interface RejectionAnswer {
  generation: number;
  renewed: boolean;
}

/** RFC 9457 problem document. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string | undefined;
  code:
    | 'invalid_request'
    | 'unauthenticated'
    | 'forbidden'
    | 'reauthentication_required'
    | 'not_found'
    | 'method_not_allowed'
    | 'request_timeout'
    | 'conflict'
    | 'reauthorization_required'
    | 'authorization_pending'
    | 'connection_paused'
    | 'account_mismatch'
    | 'payload_too_large'
    | 'uri_too_long'
    | 'unsupported_media_type'
    | 'provider_rejected'
    | 'rate_limited'
    | 'headers_too_large'
    | 'internal'
    | 'provider_unavailable'
    | 'unavailable';
  /** The step that somebody can take. */
  remedy?: string | undefined;
  errors?:
    | readonly {
        field: string;
        message: string;
      }[]
    | undefined;
  /** Of an internal error: it is in the log under this id. */
  instance?: string | undefined;
  provider_error?:
    | {
        code: string;
        status?: number | undefined;
        /** Of an answer with success that could not be read. */
        member?: string | undefined;
        error?: string | undefined;
        error_description?: string | undefined;
      }
    | undefined;
  /** Of readiness. */
  reasons?: readonly string[] | undefined;
  /** As in `X-Request-Id`; the lines of the log about it have it too. */
  request_id: string;
  /** In a batch: what an answer of its own has in `Retry-After`. */
  retry_after?: number | undefined;
  [member: string]: unknown;
}
