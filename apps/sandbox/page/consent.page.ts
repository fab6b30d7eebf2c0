import type { ProviderReply } from '../issuers/issuer.js';
import { type Html, html, trusted } from './html.js';

const STYLE = `
  :root { color-scheme: light dark }
  body { font: 16px/1.55 system-ui, sans-serif; max-width: 30rem; margin: 12vh auto 0; padding: 0 1.25rem }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem } dd { margin: 0; overflow-wrap: anywhere }
  button, select { font: inherit; padding: .4rem 1.1rem; margin-right: .6rem }
  small { opacity: .75 }`;

export interface ConsentView {
  readonly id: string;
  readonly path: string;
  readonly provider: string;
  readonly clientId: string;
  readonly scope: string;
  /** Fixed by the request; otherwise whoever sits there chooses among `users`. */
  readonly user: string | undefined;
  readonly users: readonly string[];
}

/** Works without scripts. The click decides, whatever persona the chosen user has. */
export function consentPage(view: ConsentView): ProviderReply {
  const who =
    view.user === undefined
      ? html`<select name="user">${view.users.map((user) => html`<option>${user}</option>`)}</select>`
      : html`${view.user}`;
  return page(
    200,
    'Allow access?',
    html`<form method="post" action="${view.path}">
<input type="hidden" name="consent" value="${view.id}">
<dl>
<dt>Client<dd>${view.clientId}
<dt>Scope<dd>${view.scope === '' ? 'none named' : view.scope}
<dt>Signed in as<dd>${who}
</dl>
<p><button name="decision" value="approve">Approve</button><button name="decision" value="deny">Deny</button></p>
</form>
<p><small>Simulated: ${view.provider}.</small></p>`,
  );
}

/** Looks again every second, so that a slow persona, or a clock moved forward, goes on by itself. */
export function waitingPage(path: string, consentId: string, user: string): ProviderReply {
  const again = `${path}?${new URLSearchParams({ consent: consentId })}`;
  return page(
    200,
    'Waiting',
    html`<p>${user} has not answered yet.</p>`,
    html`<meta http-equiv="refresh" content="1; url=${again}">`,
  );
}

/** Where the browser cannot be sent back, because nobody knows where that is safe (RFC 6749 §4.1.2.1). */
export function errorPage(message: string): ProviderReply {
  return page(400, 'This request cannot be answered', html`<p>${message}</p>`);
}

function page(status: number, title: string, content: Html, head: Html = html``): ProviderReply {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    },
    body: html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${head}
<title>${title}</title>
<style>${trusted(STYLE)}</style>
<h1>${title}</h1>
${content}
</html>
`.text,
  };
}
