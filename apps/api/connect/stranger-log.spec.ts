import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { StrangerLog } from './stranger-log.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

it('writes one line a minute with counts, however many come, and what is left at the end', () => {
  const written = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
  const log = new StrangerLog();
  const counts = () => written.mock.calls.map(([line]) => (line as { counts: object }).counts);
  for (let i = 0; i < 1_000; i += 1) log.note('state_unknown');
  log.note('link_unknown');
  expect(counts()).toEqual([]);
  jest.advanceTimersByTime(60_000);
  expect(counts()).toEqual([{ state_unknown: 1_000, link_unknown: 1 }]);
  jest.advanceTimersByTime(600_000);
  expect(counts()).toHaveLength(1);
  log.note('state_missing');
  log.onModuleDestroy();
  log.onModuleDestroy();
  expect(counts()[1]).toEqual({ state_missing: 1 });
  expect(counts()).toHaveLength(2);
});
