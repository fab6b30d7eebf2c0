import { countedClaims, type Entry, type KnownPerson, type SignInRefusalCode } from '#access';
import type { ConsoleSsoSettings } from '#config';
import { busyPage } from '../connect/busy-page.js';
import type { Page } from '../connect/page.js';

const back = '<a href="/console">Back to the console</a>';

/** The page for a sign-in that was refused, by its reason. */
export const ssoRefusalPages = {
  answer_unknown: {
    status: 400,
    title: 'This sign-in cannot be finished here',
    text: `It was begun in another browser, has been finished already, or took longer than ten minutes. ${back}, and sign in anew.`,
  },
  answer_used: {
    status: 400,
    title: 'This sign-in cannot be finished here',
    text: `The identity provider says that its answer was used or has expired. ${back}, and sign in anew.`,
  },
  not_believed: {
    status: 400,
    title: 'This answer is not believed',
    text: `The answer of the identity provider does not fit the sign-in that was begun. An operator finds the reason in the log. ${back}.`,
  },
  someone_else: {
    status: 403,
    title: 'Somebody else has signed in',
    text: `To go on, sign in as the one whose session it is, or sign out first. ${back}.`,
  },
  issuer_refused: {
    status: 403,
    title: 'The identity provider has let nobody in',
    text: `It ended the sign-in, or you did. ${back}.`,
  },
  client_refused: {
    status: 503,
    title: 'Single sign-on is not set up',
    text: `The identity provider does not accept the console as its client. An operator finds the reason in the log, and looks at the settings GRANTKEEPER_CONSOLE_OIDC_*. ${back}, and use an API key.`,
  },
  issuer_unavailable: {
    status: 503,
    title: 'The identity provider cannot be reached',
    text: `Nothing was done. Try again in a minute; with an API key you can sign in meanwhile. ${back}.`,
  },
} as const satisfies Record<SignInRefusalCode, Page>;

export const foreignPage: Page = {
  status: 403,
  title: 'Begin in the console',
  text: `Another page has sent you here. Sign in from the console itself. ${back}.`,
};

/** There is no OpenID provider in the settings, or browsers come without TLS over a network. */
export const offPage: Page = {
  status: 404,
  title: 'There is no single sign-on',
  text: 'This installation has none, or this address of it is not the one that browsers use.',
};

const nowhere = { status: 403, title: 'No access yet' } as const;
const several = { status: 300, title: 'Which tenant?' } as const;

export const ssoPages: readonly Page[] = [
  ...[...Object.values(ssoRefusalPages), foreignPage, offPage, busyPage],
  ...[nowhere, several].map((page) => ({ ...page, text: '' })),
];

/** Nobody has bound them yet: who they are, and what makes it good. */
export function nowherePage({ issuer, clientId }: ConsoleSsoSettings, { claims }: KnownPerson): Page {
  const { email } = claims;
  const address =
    email === undefined
      ? 'no email address'
      : `email ${quoted(email)}${countedClaims(claims)['email'] === undefined ? ', which is not verified and does not count' : ''}`;
  return {
    ...nowhere,
    text: `The identity provider has named you: sub ${quoted(claims['sub'])}, ${address}. Nothing here lets you in with that. An administrator of your tenant makes a workload identity with the issuer ${quoted(issuer)}, the audience ${quoted(clientId)}, and a match of these claims; an operator names platform administrators in GRANTKEEPER_CONSOLE_OIDC_ADMINS. ${back}.`,
  };
}

/** A choice, each a sign-in of its own: nothing is kept meanwhile. */
export function severalPage(entries: readonly Entry[]): Page {
  const links = entries.map(
    ({ tenantSlug }) => `<a href="/console/sso?tenant=${tenantSlug}">${quoted(tenantSlug)}</a>`,
  );
  return { ...several, text: `You may sign in to several: ${links.join(', ')}.` };
}

/** Text of somebody else, in a page. */
function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, 512).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
