import { CliError } from '../cli.errors.js';
import type { Session } from '../session.js';
import { type Finding, failed, ok, skipped, warning } from './finding.js';

const check = 'callback URL';
const timeoutMs = 10_000;

/** Whether the address that browsers are sent back to leads to this product, as seen from here. */
export async function checkCallback(session: Session): Promise<Finding> {
  const origin = await publicOrigin(session);
  if (origin === undefined) return skipped(check, 'Nobody tells where browsers reach the API.');
  const url = `${origin.replace(/\/$/, '')}/v1/callback`;
  const remedy = 'Let GRANTKEEPER_PUBLIC_URL lead to the API, from everywhere.';
  try {
    // Without a state it is refused, and that is the answer looked for.
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    if (answer.status < 400 || answer.status >= 500)
      return failed(check, `${url} answers ${answer.status}, not as the API does.`, remedy);
  } catch {
    return failed(check, `${url} does not answer.`, remedy);
  }
  if (/^https?:\/\/(?:127\.|localhost|\[::1\])/.test(url))
    return warning(
      check,
      `${url} is for browsers on this machine only.`,
      'Set GRANTKEEPER_PUBLIC_URL for others.',
    );
  return ok(check, `${url} answers, seen from here.`);
}

async function publicOrigin({ api, terminal }: Session): Promise<string | undefined> {
  if (terminal.env['GRANTKEEPER_PUBLIC_URL']) return terminal.env['GRANTKEEPER_PUBLIC_URL'];
  try {
    const { issuer } = await api.call('GET', '/.well-known/oauth-authorization-server');
    return typeof issuer === 'string' && URL.canParse(issuer) ? issuer : undefined;
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}
