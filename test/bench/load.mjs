import { keptConnections } from './kept-connections.mjs';
import { processorSeconds } from './processes.mjs';

const connections = 100;
const sliceMs = 100;
const warmUpSlices = 15;

/**
 * Loads the contenders in turn, A B A B …, in short slices, so that a machine whose speed drifts treats them alike.
 * Each request costs its server so much processor time: that counts, because it depends little on what else runs.
 * Loopback only.
 *
 * @typedef {{ pid: number, also?: readonly number[], url: string, requests: readonly import('./kept-connections.mjs').Request[] }} Contender
 * @typedef {{ microseconds: number, ratio: number, requestsPerSecond: number, p50Ms: number, p99Ms: number, failures: number }} Result
 * @param {Record<string, Contender>} contenders the first is what the others are compared with, slice by slice
 * @returns {Promise<Record<string, Result>>} `microseconds` of the cheaper slices, medians else; `failures` of all together
 */
export async function loadInTurn(contenders, slices = 60) {
  const opened = await Promise.all(
    Object.entries(contenders).map(async ([name, { pid, also = [], url, requests }]) => ({
      name,
      pids: [pid, ...also],
      kept: await keptConnections(new URL(url), requests, connections),
      seen: [],
    })),
  );
  for (let slice = -warmUpSlices; slice < slices; slice += 1) {
    for (const contender of opened) {
      const measured = await loadOnce(contender);
      if (slice >= 0) contender.seen.push(measured);
    }
  }
  for (const { kept } of opened) kept.close();
  const bare = opened[0]?.seen ?? [];
  return Object.fromEntries(opened.map(({ name, seen }) => [name, summary(seen, bare)]));
}

async function loadOnce({ pids, kept }) {
  const usedSeconds = () => pids.reduce((sum, pid) => sum + processorSeconds(pid), 0);
  const before = usedSeconds();
  const startedAtMs = performance.now();
  const { answered, failures, latenciesMs } = await kept.load(startedAtMs + sliceMs);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  return {
    microseconds: ((usedSeconds() - before) * 1_000_000) / answered,
    requestsPerSecond: answered / seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    failures,
  };
}

function summary(seen, bare) {
  const middle = (key) => median(seen.map((one) => one[key]));
  return {
    microseconds: costOf(seen),
    ratio: costOf(bare) / costOf(seen),
    requestsPerSecond: middle('requestsPerSecond'),
    p50Ms: middle('p50Ms'),
    p99Ms: middle('p99Ms'),
    failures: seen.reduce((sum, one) => sum + one.failures, 0),
  };
}

/** Other work on the machine can only make a slice dearer: the cheaper ones tell what a request costs. */
function costOf(seen) {
  return quantile(
    seen.map(({ microseconds }) => microseconds),
    0.2,
  );
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/** @param {readonly number[]} values @param {number} share */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
