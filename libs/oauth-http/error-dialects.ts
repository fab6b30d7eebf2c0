import type { FailureCode } from '#provider-kit';
import { isObject } from './answer-body.js';

/** An error as its body says it, in whichever of the known dialects. */
export interface SpokenError {
  readonly code?: string;
  readonly description?: string;
  /** Whether the code is a title for people, of which no server promises that it stays the same. */
  readonly isTitle?: boolean;
  /** The status the body itself claims; inside a 200 it is the only one that tells. */
  readonly status?: number;
  /** The code that a rule of the settings has decided on, before all words. */
  readonly ruled?: FailureCode;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * OAuth (RFC 6749 §5.2), the same with an object for `error`, RFC 9457 problem details, CAMARA
 * `{status, code, message}`, lists of `errors`, `errorCode` and its spellings, a bare `{message}`. Undefined when the
 * body is none of them.
 * A true `error` makes any body an error, also beside an `access_token`, and so does a flag that denies success.
 * @param besideTokens true: nothing less than those two is an error
 */
export function readErrorBody(
  body: Json,
  besideTokens = Object.hasOwn(body, 'access_token'),
): SpokenError | undefined {
  const { error } = body;
  if (error) return isObject(error) ? readErrorObject(error, body) : readOauthError(body);
  const denied = [body['ok'], body['success']].some((flag) => flag === false || flag === 'false');
  if (besideTokens && !denied) return undefined;
  const found = readErrorList(body) ?? readErrorCode(body) ?? readCamara(body) ?? readProblem(body);
  return found ?? readMessage(body) ?? (denied ? {} : undefined);
}

function readOauthError(body: Json): SpokenError {
  return compact({
    code: text(body['error']) ?? number(body['error']) ?? readErrorCode(body)?.code ?? text(body['code']),
    description: text(body['error_description']) ?? text(body['message']) ?? text(body['error_message']),
  });
}

function readErrorObject(error: Json, body: Json): SpokenError {
  return compact({
    code: text(error['code']) ?? text(error['type']) ?? text(error['status']) ?? number(error['code']),
    description: text(error['message']) ?? text(error['description']) ?? text(body['error_description']),
    status: status(error['status']) ?? status(error['code']),
  });
}

/** Fitbit's `{errors: [{errorType, message}]}`, JSON:API's `{errors: [{code, title, detail}]}`, plain words in a list. */
function readErrorList(body: Json): SpokenError | undefined {
  const [first] = Array.isArray(body['errors']) ? body['errors'] : [];
  if (typeof first === 'string') return compact({ code: text(first), description: text(body['message']) });
  if (!isObject(first)) return undefined;
  const words = ['errorType', 'error', 'code', 'errorCode', 'type', 'title'].map((name) => text(first[name]));
  const code = words.find((word) => word !== undefined) ?? number(first['code']);
  if (code === undefined) return undefined;
  return compact({
    code,
    description: text(first['message']) ?? text(first['detail']) ?? text(first['error_description']),
    status: status(first['status']),
  });
}

function readErrorCode(body: Json): SpokenError | undefined {
  for (const name of ['errorCode', 'error_code', 'errorType', 'errcode']) {
    const code = text(body[name]) ?? number(body[name]);
    if (code === undefined) continue;
    const described = ['errorMessage', 'error_message', 'error_description', 'message', 'errmsg'];
    return compact({ code, description: described.map((key) => text(body[key])).find((word) => word) });
  }
  return undefined;
}

function readCamara(body: Json): SpokenError | undefined {
  const code = text(body['code']) ?? number(body['code']);
  if (code === undefined || !('message' in body || 'status' in body)) return undefined;
  return compact({ code, description: text(body['message']), status: status(body['status']) });
}

function readProblem(body: Json): SpokenError | undefined {
  const title = text(body['title']);
  if (title === undefined) return undefined;
  const error = { code: title, description: text(body['detail']), status: status(body['status']) };
  return { ...compact(error), isTitle: true };
}

/** HubSpot writes its word as the `status`. */
function readMessage(body: Json): SpokenError | undefined {
  const description = text(body['message']);
  if (description === undefined) return undefined;
  const word = text(body['status']);
  return compact({
    code: word !== undefined && /^(?:ok|success|error|fail(?:ed|ure)?|\d+)$/i.test(word) ? undefined : word,
    description,
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number that is a word: 0 says that nothing is wrong, and one that is an HTTP status is read as that. */
function number(value: unknown): string | undefined {
  return typeof value === 'number' && value !== 0 && status(value) === undefined ? String(value) : undefined;
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
