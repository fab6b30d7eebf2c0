/** What an error body says, whichever of the known dialects it speaks. */
export interface SpokenError {
  readonly code?: string;
  readonly description?: string;
  /** The status the body itself claims; inside a 200 it is the only one that tells. */
  readonly status?: number;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * OAuth (RFC 6749 §5.2), the same with an object for `error`, RFC 9457 problem details, CAMARA
 * `{status, code, message}`, a bare `{message}`. Undefined when the body is none of them.
 * A true `error` makes any body an error, also beside an `access_token`.
 */
export function readErrorBody(body: Json): SpokenError | undefined {
  const { error } = body;
  if (error) return isObject(error) ? readErrorObject(error) : readOauthError(body);
  if ('access_token' in body) return undefined;
  return readCamara(body) ?? readProblem(body) ?? readMessage(body);
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readOauthError(body: Json): SpokenError {
  return compact({
    code: text(body['error']),
    description: text(body['error_description']) ?? text(body['message']),
  });
}

function readErrorObject(error: Json): SpokenError {
  return compact({
    code: text(error['code']) ?? text(error['type']),
    description: text(error['message']),
    status: status(error['status']) ?? status(error['code']),
  });
}

function readCamara(body: Json): SpokenError | undefined {
  const code = text(body['code']);
  if (code === undefined || !('message' in body || 'status' in body)) return undefined;
  return compact({ code, description: text(body['message']), status: status(body['status']) });
}

function readProblem(body: Json): SpokenError | undefined {
  const title = text(body['title']);
  if (title === undefined) return undefined;
  return compact({ code: title, description: text(body['detail']), status: status(body['status']) });
}

function readMessage(body: Json): SpokenError | undefined {
  const description = text(body['message']);
  return description === undefined ? undefined : { description };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function status(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 400 && value < 600 ? value : undefined;
}

function compact(error: {
  code?: string | undefined;
  description?: string | undefined;
  status?: number | undefined;
}): SpokenError {
  return {
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.description === undefined ? {} : { description: error.description }),
    ...(error.status === undefined ? {} : { status: error.status }),
  };
}
