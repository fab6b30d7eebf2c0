import { type Command, Option } from 'commander';
import { usageError } from '../cli.errors.js';
import { addressOf } from '../resources/address.js';
import type { Options } from '../resources/field-values.js';
import type { Action } from '../resources/resource-commands.js';
import { connections } from '../resources/tables/connections.resource.js';
import type { Session } from '../session.js';
import { TokenCache } from './token-cache.js';
import { servedToken, type TokenDocument } from './token-document.js';
import { formats, type TokenFormat, tokenText } from './token-formats.js';

const examples = `
Formats:
  raw                 the token alone
  json                the answer of the API
  env                 lines for eval: export ACCESS_TOKEN='…', with ACCESS_TOKEN_TYPE and ACCESS_TOKEN_EXPIRES_AT
  header              Authorization: Bearer …
  exec-credential     an ExecCredential of client.authentication.k8s.io, for users[].user.exec of a kubeconfig
  credential-process  {"Version": 1, "AccessToken", "TokenType", "Expiration"}: for programs that run a command and keep
                      what it prints until Expiration. The form is that of the AWS SDKs' credential_process, but an
                      access token is no AWS key pair: those SDKs cannot use it

A token is kept in ~/.cache/grantkeeper (mode 0600) and used again while it has --min-ttl left.

Examples:
  grantkeeper token acme/main
  eval "$(grantkeeper token acme/main --format env)"
  curl -H "$(grantkeeper token acme/main --format header)" https://api.example.com/
`;

export function tokenCommand(root: Command, act: Action): void {
  const command = root
    .command('token')
    .description('print a valid access token of a connection')
    .argument('<connection>', 'tenant/connection; or connection beside --tenant')
    .option('--min-ttl <seconds>', 'what the token should have left, 0 to 86400; 60 unless said')
    .addOption(new Option('--format <format>', 'how it is printed; raw unless said').choices(formats))
    .option('--no-cache', 'ask the API, and keep nothing')
    .addHelpText('after', examples);
  act(runToken, command);
}

async function runToken(session: Session, options: Options, target = ''): Promise<boolean> {
  const { owner, id } = addressOf(session, connections, target);
  const minTtl = minTtlOf(options['minTtl']);
  const path = `${owner}${connections.path}/${id}/token`;
  const ask = async () =>
    servedToken(
      (await session.api.call('GET', path, { query: { min_ttl: String(minTtl) } })) as TokenDocument,
    );
  const cache = options['cache'] === false ? undefined : TokenCache.open(session, `${owner}/${id}`);
  const token = cache ? await cache.read(minTtl, ask) : await ask();
  const format = (options['format'] as TokenFormat | undefined) ?? (session.json ? 'json' : 'raw');
  session.terminal.out(tokenText(token, format, session.terminal.env));
  return false;
}

function minTtlOf(given: unknown): number {
  const seconds = given === undefined ? 60 : Number(given);
  if (!/^\d*$/.test(String(given ?? '')) || given === '' || seconds > 86_400)
    throw usageError('--min-ttl takes whole seconds, from 0 to 86400.');
  return seconds;
}
