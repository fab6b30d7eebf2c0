import { guard } from '../guard.ts';

const commands = 'test/contract/cli.spec.ts';
const tools = 'test/contract/cli-tools.spec.ts';
const lists = 'test/contract/cli-apply.spec.ts';
const files = 'apps/cli/token/own-files.ts';
const cache = 'apps/cli/token/token-cache.ts';

export const cliGuards = [
  guard(
    'a kept token is not read from a file that others may get at',
    [tools, 'not taken from a file or a folder'],
    [files, '(mode & 0o077) !== 0', '(mode & 0o077) < 0'],
  ),
  guard(
    'a kept token is not read through a link',
    [tools, 'not taken from a file or a folder'],
    [files, 'constants.O_NOFOLLOW | ', ''],
  ),
  guard(
    'a token for one call is not kept',
    [tools, 'never kept where it is good for one call'],
    [cache, 'if (!isSingleUse(token.document)) ', ''],
  ),
  guard(
    'of many processes one asks for a token',
    [tools, 'asked for once'],
    [cache, 'const release = await this.locked();', 'const release = undefined;'],
  ),
  guard(
    'the key follows no redirect',
    [commands, 'because nothing answers is code 3'],
    ['apps/cli/api/api-client.ts', "redirect: 'manual'", "redirect: 'follow'"],
  ),
  guard(
    'the key of a profile goes to its own address only',
    [commands, 'a key of it goes to its own address only'],
    ['apps/cli/api/profile.ts', 'url === (kept.url ?? defaultUrl) ? kept.key() : undefined', 'kept.key()'],
  ),
  guard(
    'the words of a server move no cursor',
    [commands, 'shows no control character'],
    ['apps/cli/text/problem-text.ts', '.map(safeText)', ''],
  ),
  guard(
    'a row that is there is not sent again',
    [lists, 'makes nothing twice'],
    ['apps/cli/import/import-row.ts', "return { ...of, result: 'exists' };", '{}'],
  ),
];
