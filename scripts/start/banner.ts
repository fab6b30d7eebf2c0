import { isAbsolute, relative } from 'node:path';
import type { Plan } from './plan.ts';

interface Facts {
  readonly plan: Plan;
  readonly origin: string;
  readonly keyPlace: string;
  readonly demo: { keyFile: string; path: string } | { problem: string } | undefined;
}

/** The last thing a start prints: where everything is, a command to try, and `ready`. */
export function bannerOf({ plan, origin, keyPlace, demo }: Facts): string {
  const lines = [
    '\nGrantkeeper is running.\n',
    `  API        ${origin}`,
    `  Reference  ${origin}/docs`,
    `  Providers  ${plan.simulated.length > 0 ? `simulated at http://127.0.0.1:${plan.ports.SANDBOX_PORT}` : 'as GRANTKEEPER_PROVIDER_ENDPOINTS says'}`,
    `  Admin key  ${isAbsolute(keyPlace) ? shellPath(keyPlace) : `as set in ${keyPlace}`}`,
    `  Logs       ${shellPath(`${plan.dataDir}/logs`)}`,
    '',
  ];
  if (demo !== undefined && 'problem' in demo)
    lines.push(`The demo tenant could not be made: ${demo.problem}`, '');
  if (demo !== undefined && 'keyFile' in demo) {
    lines.push(
      'A live token:',
      '',
      `  curl -s -H "Authorization: Bearer $(cat ${shellPath(demo.keyFile)})" ${origin}${demo.path}`,
      '',
    );
  }
  return `${[...lines, 'ready'].join('\n')}\n`;
}

/** Short where it can be, and safe to paste. */
function shellPath(path: string): string {
  const near = relative(process.cwd(), path);
  const shown = near.startsWith('..') ? path : near;
  return /^[\w./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
