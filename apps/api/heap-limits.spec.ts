import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const limits = join(import.meta.dirname, '../../dist/apps/api/heap-limits.js');

/** The lines of V8 about its searches of the old generation: with so much in memory, and once that has gone. */
async function searches(mebibytes: number): Promise<{ kept: string[]; gone: string[] }> {
  const script = `
    await import(${JSON.stringify(limits)});
    const { setTimeout: sleep } = await import('node:timers/promises');
    const last = [];
    async function work() {
      for (let n = 0; n < 4_000; n += 1) {
        last[n % 512] = new Array(8_000).fill(n);
        if (n % 100 === 0) await sleep(1);
      }
    }
    let kept = Array.from({ length: ${mebibytes} * 8 }, (_, n) => new Array(16_000).fill(n));
    await sleep(1_500);
    await work();
    console.log('gone', kept.length);
    kept = undefined;
    globalThis.gc();
    await sleep(1_500);
    await work();`;
  const flags = ['--expose-gc', '--trace-gc', '--no-memory-reducer', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { maxBuffer: 2 ** 24 });
  const told = stdout
    .split('\n')
    .filter((line) => /Mark-Compact.*(?<!testing; GC in old space requested)$|^gone/.test(line));
  const at = told.findIndex((line) => line.startsWith('gone'));
  return { kept: told.slice(0, at), gone: told.slice(at + 1) };
}

const givesBack = /Mark-Compact \(reduce\)/;

it('has V8 give emptied pages back while much is in memory, and not otherwise', async () => {
  const large = await searches(128);
  const small = await searches(8);
  expect(large.kept.at(-1)).toMatch(givesBack);
  expect(large.gone.at(-1)).not.toMatch(givesBack);
  expect([...small.kept, ...small.gone].filter((line) => givesBack.test(line))).toEqual([]);
});
