import type { FastifyReply } from 'fastify';
import type { PageLook } from './page-look.js';

export interface Page {
  readonly status: number;
  readonly title: string;
  /** Plain text; nothing a browser sent is ever part of it. */
  readonly text: string;
}

/** Seconds after which a browser may come again. */
const retryAfterSeconds = 2;

/**
 * A page for a person who has followed a link: no script, nothing from elsewhere, and no picture but the logo of the
 * tenant, which is in the page itself.
 */
export function sendPage(
  reply: FastifyReply,
  { status, title, text }: Page,
  look: PageLook = { css: '', bar: '' },
): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    })
    .send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;margin:0}main{max-width:34rem;margin:12vh auto;padding:0 1rem}${look.css}</style>
${look.bar}<main><h1>${title}</h1><p>${text}</p></main>
</html>
`);
}

const startAgain = 'Go back to the application you came from, and start again there.';

/** The page for a callback that was turned away, by its reason. */
export const refusalPages = {
  malformed: {
    status: 400,
    title: 'This answer cannot be used',
    text: `It is longer than such answers are. ${startAgain}`,
  },
  place_unknown: {
    status: 404,
    title: 'There is nothing here',
    text: `The address is not written as such addresses are. ${startAgain}`,
  },
  link_unknown: {
    status: 404,
    title: 'There is nothing here',
    text: `The link is not written as such links are. ${startAgain}`,
  },
  parameters_repeated: {
    status: 400,
    title: 'This answer cannot be used',
    text: `It names something twice. ${startAgain}`,
  },
  state_missing: {
    status: 400,
    title: 'This answer cannot be used',
    text: `It does not say what it answers. ${startAgain}`,
  },
  state_unknown: {
    status: 400,
    title: 'This answer cannot be used',
    text: `Nothing here waits for it. ${startAgain}`,
  },
  state_used: {
    status: 400,
    title: 'This has been done already',
    text: `An answer counts once. ${startAgain}`,
  },
  state_expired: { status: 400, title: 'That took too long', text: `The link has expired. ${startAgain}` },
  wrong_place: {
    status: 400,
    title: 'This answer cannot be used',
    text: `It came to the wrong address. ${startAgain}`,
  },
  wrong_browser: {
    status: 400,
    title: 'This answer cannot be used',
    text: `It belongs to another browser than this one, or cookies are switched off. ${startAgain}`,
  },
  wrong_issuer: {
    status: 400,
    title: 'This answer cannot be used',
    text: `It comes from another server. ${startAgain}`,
  },
  code_missing: {
    status: 400,
    title: 'This answer cannot be used',
    text: `It brings nothing with it. ${startAgain}`,
  },
  link_not_usable: {
    status: 410,
    title: 'This link cannot be used',
    text: `It works once, and for a limited time. ${startAgain}`,
  },
} as const satisfies Record<string, Page>;

export const donePages = {
  active: { status: 200, title: 'Connected', text: 'You can close this window.' },
  denied: {
    status: 403,
    title: 'Not connected',
    text: 'The request was declined. You can close this window.',
  },
  refused: { status: 422, title: 'Not connected', text: `The provider did not accept it. ${startAgain}` },
  account_mismatch: {
    status: 409,
    title: 'Not connected',
    text: `It is connected with another account already, and stays so. Sign in there with the same account, or ask whoever sent you here. ${startAgain}`,
  },
  unread: {
    status: 202,
    title: 'Nearly connected',
    text: 'The provider has answered, but its answer cannot be read yet. It is kept; whoever sent you here can mend it.',
  },
  unavailable: {
    status: 503,
    title: 'Not connected yet',
    text: `The provider cannot be reached. ${startAgain}`,
  },
} as const satisfies Record<string, Page>;
