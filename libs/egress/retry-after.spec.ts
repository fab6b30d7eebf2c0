import { describe, expect, it } from '@jest/globals';
import { readRetryAfterSeconds } from './retry-after.js';

const now = new Date('2026-01-01T00:00:00Z');
const date = 'Wed, 21 Oct 2015 07:28:00 GMT';

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    [' 120 ', 120],
    ['99999999999', 86_400],
    ['Wed, 21 Oct 2015 07:29:30 GMT', 90],
    ['Wednesday, 21-Oct-15 07:29:30 GMT', 90],
    ['Wed, 21 Oct 2015 07:00:00 GMT', 0],
    ['Wed, 21 Oct 2099 07:00:00 GMT', 86_400],
  ])('%p is %d s', (value, seconds) => {
    expect(readRetryAfterSeconds(value, date, now)).toBe(seconds);
  });

  it.each([undefined, '', '-1', '1.5', 'soon', '2015-10-21', 'never say never', ['1']])(
    '%p is nothing',
    (value) => {
      expect(readRetryAfterSeconds(value, date, now)).toBeUndefined();
    },
  );

  it('counts from our clock when the answer has no date', () => {
    expect(readRetryAfterSeconds('Thu, 01 Jan 2026 00:00:10 GMT', undefined, now)).toBe(10);
  });
});

it.each([
  ['digits', '1'],
  ['spaces', ' '],
  ['letters', 'a'],
  ['a date and spaces', 'Mon, '],
])('reads a header of 64 KiB of %s in less than 50 ms of processor time', (_name, unit) => {
  const text = `${unit.repeat(Math.floor(65_000 / unit.length))}x`;
  const before = process.cpuUsage();
  expect(readRetryAfterSeconds(text, undefined, new Date())).toBeUndefined();
  expect(readRetryAfterSeconds(text, text, new Date())).toBeUndefined();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(50);
});
