import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './load.mjs';
import { endWithUs, freePort, processorSeconds, roleOptions, stop } from './processes.mjs';
import { withProduct } from './product.mjs';

const turns = 5;
const pollMs = 5;
const patienceMs = 60_000;

/**
 * From the start of the process to the first answer 200 of `/readyz`, in turns with an application of the same versions of
 * Nest and TypeORM that does nothing.
 *
 * @param {string} databaseUrl a migrated database
 * @returns {Promise<string>} a Markdown table
 */
export function benchStart(databaseUrl) {
  return withProduct(databaseUrl, async ({ environment, keep }) => {
    const contenders = {
      'bare Nest and TypeORM': (port) => [
        fileURLToPath(new URL('bare-nest.mjs', import.meta.url)),
        databaseUrl,
        port,
      ],
      api: () => [...roleOptions('api'), 'dist/apps/api/main.js'],
    };
    const seen = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
    // The first turn fills the caches of files, and does not count.
    for (let turn = 0; turn <= turns; turn += 1) {
      for (const [name, argumentsOf] of Object.entries(contenders)) {
        const port = String(await freePort());
        const one = await startUntilReady(argumentsOf(port), { ...environment(), PORT: port }, keep);
        if (turn > 0) seen[name]?.push(one);
      }
    }
    return table(seen);
  });
}

async function startUntilReady(argv, env, keep) {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'error', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  endWithUs(child);
  keep({ stop: () => stop(child) });
  const port = env.PORT;
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`${argv.join(' ')} ended with ${child.exitCode}.`);
    if (performance.now() - startedAtMs > patienceMs) throw new Error(`${argv.join(' ')} is not ready.`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const measured = { ms: performance.now() - startedAtMs, seconds: processorSeconds(child.pid ?? 0) };
  await stop(child);
  return measured;
}

async function isReady(port) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

function table(seen) {
  const middle = (name, key) => median(seen[name].map((one) => one[key]));
  const [bare] = Object.keys(seen);
  const rows = Object.keys(seen).map((name) => {
    const ms = middle(name, 'ms');
    const seconds = middle(name, 'seconds');
    return `| ${name} | ${ms.toFixed(0)} | ${(ms / middle(bare, 'ms')).toFixed(2)} | ${(seconds * 1_000).toFixed(0)} | ${(seconds / middle(bare, 'seconds')).toFixed(2)} |`;
  });
  return [
    '| start to ready | ms | this ÷ bare | processor time, ms | this ÷ bare |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
