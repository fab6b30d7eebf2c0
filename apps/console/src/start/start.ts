import './start.css';
import { readSession } from '../api/read-session';
import type { Session } from '../api/types';
import { followColorScheme } from './follow-color-scheme';
import { hideSignIn, isSignInShown, showSignIn } from './sign-in-form';

type App = typeof import('../main');

let app: Promise<App> | undefined;

/** The rest of the console, with the session that it begins with. */
async function open(session: Promise<Session | null>): Promise<App> {
  const loaded = await import('../main');
  loaded.open(session);
  return loaded;
}

async function enter(session: Session): Promise<void> {
  const isOpen = app !== undefined;
  app ??= open(Promise.resolve(session));
  const { enterSession } = await app;
  if (isOpen) enterSession(session);
}

followColorScheme();
const first = readSession();
if (isSignInShown()) {
  showSignIn(enter);
  window.addEventListener('load', fetchAhead);
  // A link on another page brings no cookie of a browser that has one.
  first.then((session) => session && enter(session).then(hideSignIn), ignore);
} else {
  app = open(first);
  first.then((session) => session === null && showSignIn(enter), ignore);
}

/** The files that come next, once the form can be used. */
function fetchAhead(): void {
  for (const link of document.querySelectorAll('link[rel=later]')) link.setAttribute('rel', 'prefetch');
}

/** The console itself shows why there is no answer. */
function ignore(): void {}
