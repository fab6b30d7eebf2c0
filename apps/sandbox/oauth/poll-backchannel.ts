import type { Client, Desk } from '../issuers/desk.js';
import type { BackchannelRequest } from '../world/backchannel-requests.js';
import { answerOf } from './persona-answer.js';

/** CIBA Core §11, and of RFC 6749 §5.2 what applies. */
type PollError = 'authorization_pending' | 'slow_down' | 'expired_token' | 'access_denied' | 'invalid_grant';

export type PollVerdict = { readonly approved: BackchannelRequest } | { readonly error: PollError };

/** CIBA Core §7.3: what holds where the answer names no interval. */
export const DEFAULT_INTERVAL_SECONDS = 5;

/** CIBA Core §11: for this request and all later ones. */
const SLOW_DOWN_SECONDS = 5;

/** Two timers of one machine may differ by this; a client that means to wait is never early by this little. */
const TOLERANCE_MS = 3;

/** One poll, kept with the time it came; the first may come at once. */
export function pollBackchannel(authReqId: string, client: Client, desk: Desk): PollVerdict {
  const request = ownRequest(authReqId, client, desk);
  if (request === undefined) return { error: 'invalid_grant' };
  const previous = request.polls.at(-1);
  const sincePreviousMs = previous === undefined ? null : desk.arrivedAtMs - previous.atMs;
  const early = sincePreviousMs !== null && sincePreviousMs + TOLERANCE_MS < request.intervalSeconds * 1000;
  const verdict = judge(request, early, desk);
  request.polls.push({
    atMs: desk.arrivedAtMs,
    sincePreviousMs,
    early,
    answer: 'error' in verdict ? verdict.error : 'token',
  });
  return verdict;
}

/** The request itself was ill-formed: nothing comes of this `auth_req_id` any more. */
export function spoilBackchannel(authReqId: string, client: Client, desk: Desk): void {
  const request = ownRequest(authReqId, client, desk);
  if (request?.state === 'open') request.state = 'dead';
}

function ownRequest(authReqId: string, client: Client, desk: Desk): BackchannelRequest | undefined {
  const request = desk.backchannel.get(authReqId);
  const own = request?.provider === desk.provider && request.clientId === client.clientId;
  return own ? request : undefined;
}

function judge(request: BackchannelRequest, early: boolean, desk: Desk): PollVerdict {
  if (request.state !== 'open') return { error: 'invalid_grant' };
  if (desk.nowMs() >= request.expiresAtMs) return { error: 'expired_token' };
  if (early) {
    request.intervalSeconds += SLOW_DOWN_SECONDS;
    return { error: 'slow_down' };
  }
  switch (request.decision ?? answerOfUser(request, desk)) {
    case 'approve':
      request.state = 'redeemed';
      return { approved: request };
    case 'deny':
      return { error: 'access_denied' };
    case 'waiting':
      return { error: 'authorization_pending' };
  }
}

/** Somebody without a persona approves at once. */
function answerOfUser(request: BackchannelRequest, desk: Desk) {
  const person = desk.people.find(request.user);
  return person === undefined ? 'approve' : answerOf(person, request.startedAtMs, desk.nowMs());
}
