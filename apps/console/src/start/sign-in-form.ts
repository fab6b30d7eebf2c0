import { call } from '../api/client';
import { type Problem, problemOf } from '../api/problem';
import { sessionPath } from '../api/read-session';
import type { Session } from '../api/types';

type Enter = (session: Session) => unknown;

/** It stands in the page itself, so that it can be used before anything else of the console is there. */
const form = {
  page: partOf('#sign-in', HTMLElement),
  form: partOf('#sign-in form', HTMLFormElement),
  key: partOf('#key', HTMLInputElement),
  submit: partOf('#sign-in button', HTMLButtonElement),
  refusal: partOf('#refusal', HTMLElement),
  singleSignOn: partOf('#single-sign-on', HTMLAnchorElement),
};
const root = partOf('#root', HTMLElement);

let enter: Enter | undefined;

/** Whether the server has sent the page for those without a session. */
export function isSignInShown(): boolean {
  return !form.page.hidden;
}

/** @param next what is done with the session of who signs in */
export function showSignIn(next: Enter): void {
  enter = next;
  document.title = 'Grantkeeper';
  root.hidden = true;
  form.page.hidden = false;
  form.key.focus();
  void offerSingleSignOn();
}

/** Nothing of the page keeps the key. */
export function hideSignIn(): void {
  form.form.reset();
  form.page.hidden = true;
  root.hidden = false;
}

form.form.addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn();
});

/** The key is sent once, for a session. */
async function signIn(): Promise<void> {
  if (form.submit.ariaBusy === 'true') return;
  form.submit.ariaBusy = 'true';
  form.refusal.hidden = true;
  try {
    const authorization = `Bearer ${form.key.value.trim()}`;
    await enter?.(await call<Session>('POST', sessionPath, undefined, { authorization }));
    hideSignIn();
  } catch (error) {
    showRefusal(problemOf(error));
  } finally {
    form.submit.ariaBusy = null;
  }
}

function showRefusal(problem: Problem | undefined): void {
  const { title = 'No answer', remedy } = problem?.document ?? {};
  // The API's own words are for a program.
  const words =
    problem?.status === 401
      ? [title, 'It may be mistyped, revoked or expired.', 'Copy the whole key, then try again.']
      : [title, problem?.message, remedy].filter((text) => text !== undefined);
  form.refusal.replaceChildren(
    ...words.map((text) => Object.assign(document.createElement('p'), { textContent: text })),
  );
  form.refusal.hidden = false;
}

async function offerSingleSignOn(): Promise<void> {
  const { pathname, search } = window.location;
  form.singleSignOn.href = `/console/sso?return_to=${encodeURIComponent(pathname + search)}`;
  const ways = await call<{ readonly single_sign_on: boolean }>('GET', '/console/sign_in').catch(
    () => undefined,
  );
  form.singleSignOn.hidden = !ways?.single_sign_on;
}

function partOf<Part extends HTMLElement>(selector: string, kind: new () => Part): Part {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page has no ${selector}.`);
  return found;
}
