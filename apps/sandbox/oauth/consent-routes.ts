import type { Desk } from '../issuers/desk.js';
import type { IssuerRoute, ProviderReply, ProviderRequest } from '../issuers/issuer.js';
import { consentPage, errorPage, waitingPage } from '../page/consent.page.js';
import type { Consent } from '../world/consents.js';
import { callback } from './callback.js';
import { readParameters } from './form-body.js';
import { answerOf } from './persona-answer.js';

const GONE = 'There is no such request, or it was answered, or it is too old.';

/** Who approves where nobody was named. */
const ANYBODY = 'ada';

/** Turns an authorization request into a consent, or refuses it. */
export type BeginConsent = (request: ProviderRequest, desk: Desk) => Consent | ProviderReply;

/** An authorization endpoint: the page at GET, what was clicked on it at POST, both under one path. */
export function consentRoutes(path: string, summary: string, begin: BeginConsent): readonly IssuerRoute[] {
  return [
    { kind: 'page', method: 'GET', path, summary, handle: show },
    { kind: 'page', method: 'POST', path, summary: 'What was clicked on its page.', handle: decide },
  ];

  function show(request: ProviderRequest, desk: Desk): ProviderReply {
    const id = readParameters(request.query).get('consent');
    if (id === undefined) {
      const begun = begin(request, desk);
      return 'status' in begun ? begun : present(begun, desk);
    }
    const consent = desk.consents.find(desk.provider, id);
    return consent === undefined ? errorPage(GONE) : present(consent, desk);
  }

  function present(consent: Consent, desk: Desk): ProviderReply {
    const { mode, user } = consent;
    if (mode !== 'ask') return answer(consent, mode, user, desk);
    const person = user === undefined ? undefined : desk.people.find(user);
    if (person !== undefined) {
      const said = answerOf(person, consent.startedAtMs, desk.nowMs());
      return said === 'waiting'
        ? waitingPage(path, consent.id, person.id)
        : answer(consent, said, person.id, desk);
    }
    const users = desk.people.users().map(({ id }) => id);
    return consentPage({ ...consent, path, users });
  }

  function decide(request: ProviderRequest, desk: Desk): ProviderReply {
    const decision = request.form?.get('decision');
    const consent = desk.consents.find(desk.provider, request.form?.get('consent') ?? '');
    if (consent === undefined) return errorPage(GONE);
    if (decision !== 'approve' && decision !== 'deny') return errorPage('Neither approved nor denied.');
    return answer(consent, decision, consent.user ?? request.form?.get('user'), desk);
  }
}

function answer(
  consent: Consent,
  decision: 'approve' | 'deny',
  user: string | undefined,
  desk: Desk,
): ProviderReply {
  consent.answered = true;
  const { redirectUri, state, callbackExtras } = consent;
  if (decision === 'deny') {
    return callback(redirectUri, {
      error: 'access_denied',
      error_description: 'The user denied the request',
      state,
      ...callbackExtras,
    });
  }
  const { code } = desk.codes.mint({
    ...consent,
    user: user ?? ANYBODY,
    lifetimeSeconds: consent.codeLifetimeSeconds,
  });
  return callback(redirectUri, { code, state, ...callbackExtras });
}
