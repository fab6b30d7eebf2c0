import { spawnSync } from 'node:child_process';
import { interfaceOf } from './schema-types.js';

const tokenPath = '/v1/tenants/{tenant}/connections/{id}/token';

/** The text of `libs/client/api-types.ts`: the answers that the package reads, as `/openapi.json` has them. */
// biome-ignore lint/suspicious/noExplicitAny: the document is walked by hand
export function clientTypes(document: any): string {
  const answerOf = (path: string, method: string) =>
    document.paths[path][method].responses[200].content['application/json'].schema;
  return formatted(
    [
      '/** Generated from /openapi.json: `UPDATE_TYPES=1 npm test -- test/integration/client`. */',
      interfaceOf('Token', answerOf(tokenPath, 'get')),
      interfaceOf('RejectionAnswer', answerOf(`${tokenPath}/rejections`, 'post')),
      interfaceOf('Problem', document.components.schemas.Problem),
    ].join('\n\n'),
  );
}

function formatted(text: string): string {
  const biome = 'node_modules/@biomejs/biome/bin/biome';
  const args = [biome, 'format', '--stdin-file-path=libs/client/api-types.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
