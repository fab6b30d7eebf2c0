import { refusedError } from '../cli.errors.js';
import type { Terminal } from '../terminal.js';
import { hasUnsafe, safeJson } from '../text/safe-text.js';
import { documentNow, type ServedToken } from './token-document.js';

export const formats = ['raw', 'json', 'env', 'header', 'exec-credential', 'credential-process'] as const;
export type TokenFormat = (typeof formats)[number];

const kubernetes = 'client.authentication.k8s.io/';

/** @throws CliError where the token cannot be written so without becoming something else */
export function tokenText(token: ServedToken, format: TokenFormat, env: Terminal['env']): string {
  const document = documentNow(token);
  const { access_token, token_type, expires_at } = document;
  if (hasUnsafe(access_token + token_type) && format !== 'json')
    throw refusedError('unsafe_token', 'The token holds control characters.', 'Read it by --format json.');
  switch (format) {
    case 'raw':
      return `${access_token}\n`;
    case 'json':
      return `${safeJson(document)}\n`;
    case 'env':
      return envText({
        ACCESS_TOKEN: access_token,
        ACCESS_TOKEN_TYPE: token_type,
        ACCESS_TOKEN_EXPIRES_AT: expires_at ?? '',
      });
    case 'header':
      return `Authorization: ${token_type} ${access_token}\n`;
    case 'exec-credential':
      return `${safeJson(execCredential(access_token, expires_at, env))}\n`;
    case 'credential-process':
      return `${safeJson({
        Version: 1,
        AccessToken: access_token,
        TokenType: token_type,
        ...(expires_at === null ? {} : { Expiration: expires_at }),
      })}\n`;
  }
}

/** Between single quotes a shell takes everything as it is. */
function envText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

/** Kubernetes takes the answer only in the version that it has asked for. */
function execCredential(token: string, expiresAt: string | null, env: Terminal['env']) {
  const asked = versionIn(env['KUBERNETES_EXEC_INFO']);
  return {
    apiVersion: asked?.startsWith(kubernetes) ? asked : `${kubernetes}v1`,
    kind: 'ExecCredential',
    status: { token, ...(expiresAt === null ? {} : { expirationTimestamp: expiresAt }) },
  };
}

function versionIn(info: string | undefined): string | undefined {
  try {
    return String((JSON.parse(info ?? '{}') as { apiVersion?: unknown }).apiVersion ?? '');
  } catch {
    return undefined;
  }
}
