import { z } from 'zod';
import { ruleSchema } from '../control/rule.schemas.js';
import type { Issuer } from '../issuers/issuer.js';
import type { Person } from '../world/people.js';
import { CONTROL_CALLS } from './control-calls.js';
import { type Html, html, trusted } from './html.js';

const STYLE = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
  body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
  h1 { margin-bottom: .25rem } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem }
  table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: .4rem .8rem .4rem 0; vertical-align: top }
  td:first-child { width: 40% } code, pre { font: .875em/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
  pre { white-space: pre-wrap; border: 1px solid var(--line); border-radius: .4rem; padding: .7rem .9rem }`;

/** The simulated providers and the ways to bend them, in the issuers' and the schemas' own words. */
export function homePage(issuers: readonly Issuer[], people: readonly Person[], origin: string): string {
  const rule = `curl -H 'content-type: application/json' ${origin}/_control/rules -d '{"match":{"provider":"${issuers[0]?.id}"},"status":503,"headers":{"retry-after":"2"}}'`;
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Provider sandbox</title>
<style>${trusted(STYLE)}</style>
<h1>Provider sandbox</h1>
<p>Simulated OAuth providers, for trying things out and for tests. None of this is the real service, nothing
here leaves this machine, and everything is forgotten when it stops.</p>
${issuers.map((issuer) => issuerSection(issuer, origin))}
<h2>People</h2>
<p>A persona answers by itself wherever its user or phone is named; at an authorization endpoint also by
<code>login_hint=</code>, or the first of a kind by <code>persona=</code>. Nobody named: the page asks you.
Users sign in with the password <code>sandbox-password</code>.</p>
<table>${people.map((person) => row(person.id, inWords(person)))}</table>
<h2>Bending them</h2>
<p>The control API speaks JSON. This makes the next token request fail:</p>
<pre>${rule}</pre>
<table>${CONTROL_CALLS.map(([call, meaning]) => row(call, meaning))}</table>
<h2>What a rule can say</h2>
<table>${members(ruleSchema).map(([member, meaning]) => row(member, meaning))}</table>
</html>
`.text;
}

function issuerSection(issuer: Issuer, origin: string): Html {
  return html`<section>
<h2>${issuer.title} <code>${issuer.id}</code></h2>
<p>After ${issuer.source}.</p>
<pre>curl ${issuer.example.replaceAll('{origin}', origin)}</pre>
<table>${issuer.routes.map(({ method, path, summary }) => row(`${method} ${readable(path)}`, summary))}</table>
<ul>${issuer.quirks.map((quirk) => html`<li>${quirk}</li>`)}</ul>
${switchTable(issuer)}
<p>Canned replies: ${Object.entries(issuer.cannedReplies).map(
    ([name, { status, body }]) => html`<code>${name}</code> (${String(status)} <code>${body}</code>)`,
  )}</p>
</section>`;
}

function row(code: string, text: string): Html {
  return html`<tr><td><code>${code}</code><td>${text}`;
}

/** `/v:version(^\d+$)/x` reads better as `/v{version}/x`. */
function readable(path: string): string {
  return path.replace(/:(\w+)(\([^)]*\))?/g, '{$1}');
}

const ANSWERS: Readonly<Record<Person['persona'], (person: Person) => string>> = {
  approves: () => 'approves at once',
  denies: () => 'denies at once',
  never: () => 'never answers',
  slow: ({ afterSeconds }) => `approves after ${afterSeconds} s`,
};

function inWords(person: Person): string {
  return [
    ANSWERS[person.persona](person),
    ...(person.supportedNetwork ? [] : ['not on a supported network']),
    ...(person.requiresCarrierNetwork ? ['can be verified over its carrier’s network only'] : []),
  ].join('; ');
}

/** Defaults stand behind the name. */
function switchTable(issuer: Issuer): Html {
  const rows = members(issuer.switches);
  if (rows.length === 0) return html``;
  return html`<p>Switches, set by <code>PUT /_control/behaviours {"provider": "${issuer.id}", "switches": {…}}</code>:</p>
<table>${rows.map(([member, meaning]) => row(member, meaning))}</table>`;
}

/** Name, default and description of each member of a schema. */
function members(schema: z.ZodType): readonly (readonly [string, string])[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([member, property]) => {
    if (typeof property !== 'object') return [member, ''];
    const { default: fallback, description = '' } = property;
    return [fallback === undefined ? member : `${member} = ${JSON.stringify(fallback)}`, description];
  });
}
