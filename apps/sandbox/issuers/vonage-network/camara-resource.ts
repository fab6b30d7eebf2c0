import { isJsonObject, type JsonMembers } from '../../json.js';
import { readBearer } from '../../oauth/bearer.js';
import { jsonReply } from '../../oauth/replies.js';
import type { Desk } from '../desk.js';
import type { IssuerRoute, ProviderReply, ProviderRequest } from '../issuer.js';
import { PERMISSION_DENIED, refusal } from './dialects.js';
import { apiScopeOf } from './scopes.js';

export interface CamaraApi {
  readonly path: string;
  /** The scope that the token must be for. */
  readonly apiScope: string;
  readonly summary: string;
  readonly answer: (sameNumber: boolean) => JsonMembers;
}

/**
 * One of the APIs a token opens. A token is good for the number it was made for only; Number Verification
 * answers "not this number" instead of refusing, since that is its question.
 */
export function camaraRoute(api: CamaraApi, numberIsTheQuestion: boolean): IssuerRoute {
  return {
    kind: 'resource',
    method: 'POST',
    path: api.path,
    summary: api.summary,
    handle: (request, desk) => open(request, desk, api, numberIsTheQuestion),
  };
}

function open(
  request: ProviderRequest,
  desk: Desk,
  api: CamaraApi,
  numberIsTheQuestion: boolean,
): ProviderReply {
  const token = readBearer(request.headers.authorization) ?? '';
  const { accepted, record } = desk.tokens.judge(token, desk.provider);
  if (!accepted || record === undefined) {
    return jsonReply(401, { status: 401, code: 'UNAUTHENTICATED', message: 'Request not authenticated' });
  }
  if (apiScopeOf(record.scope ?? '') !== api.apiScope) return refusal('camara', PERMISSION_DENIED);
  const sameNumber = phoneNumberOf(request) === record.user;
  if (!sameNumber && !numberIsTheQuestion) return refusal('camara', PERMISSION_DENIED);
  desk.tokens.use(token, desk.provider);
  return jsonReply(200, api.answer(sameNumber));
}

function phoneNumberOf(request: ProviderRequest): string | undefined {
  try {
    const body: unknown = JSON.parse(request.body);
    const phoneNumber = isJsonObject(body) ? body['phoneNumber'] : undefined;
    return typeof phoneNumber === 'string' ? phoneNumber : undefined;
  } catch {
    return undefined;
  }
}
