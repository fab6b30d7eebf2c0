import { describe, expect, it } from '@jest/globals';
import { scaled } from '../support/scale.js';
import { patternsIn, sourcePatterns } from './source-patterns.js';
import { worstTexts } from './worst-texts.js';

const length = 64 * 1_024;
const mostMs = 50;

/**
 * Patterns that are put together as the program runs, which the lint cannot see into: each with the reason why its
 * texts cannot hold anybody up.
 */
const putTogether: Readonly<Record<string, string>> = {
  "libs/oauth-http/redaction.ts: new RegExp(all.map((literal) => RegExp.escape(literal)).join('|'), 'g')":
    'literals only, in which nothing repeats',
  'libs/providers/vonage-network/vonage-network.schemas.ts: new RegExp(`^${e164}$`)':
    'a constant: a plus sign and at most fifteen digits',
  'libs/providers/vonage-network/vonage-network.schemas.ts: new RegExp(`^(?:tel:)?${e164}$`)':
    'the same behind a constant',
  "libs/providers/vonage-network/vonage-network.adapter.ts: new RegExp(`^(?:${prefix || 'tel:'})`)":
    'one of two constants',
  'libs/providers/generic-oauth2/preset-inputs.ts: new RegExp(`^(?:${pattern})$`)':
    'the patterns of the presets, which are looked at here too, on at most 255 characters',
  "apps/api/http/route-table.ts: new RegExp(`^${segments.join('/')}$`)":
    'paths of our routes: one [^/]+ between two slashes, anchored at both ends',
};

/** Of the slowest text, milliseconds. The faster of two runs counts where one is slow: memory may have been tidied up. */
function slowest(pattern: RegExp | undefined, ofLength = length): number {
  if (!pattern) return 0;
  let most = 0;
  for (const text of worstTexts(pattern, ofLength, scaled('few', 'all'))) {
    const first = timeOf(pattern, text);
    most = Math.max(most, first > mostMs ? Math.min(first, timeOf(pattern, text)) : first);
    if (most > mostMs) return most;
  }
  return most;
}

/** Of the processor, milliseconds: what else the machine does does not count. */
function timeOf(pattern: RegExp, text: string): number {
  const before = process.cpuUsage();
  // From each place on until it fits, as `test` does it, and with `g` until the end.
  text.replace(pattern, '');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('regular expressions', () => {
  const patterns = sourcePatterns();

  it('are found wherever they are written', () => {
    const text = "const a = /x+$/u; b(new RegExp('y')); c(RegExp(z)); // no /comment/\nconst d = 1 / 2 / 3;";
    expect(patternsIn('a.ts', text).map(({ name }) => name)).toEqual([
      'a.ts: /x+$/u',
      "a.ts: new RegExp('y')",
      'a.ts: RegExp(z)',
    ]);
    expect(patterns.length).toBeGreaterThan(150);
  });

  it('that are put together as the program runs are known, each with a reason', () => {
    const made = new Set(patterns.filter(({ pattern }) => !pattern).map(({ name }) => name));
    expect([...made].sort()).toEqual(Object.keys(putTogether).sort());
  });

  it(`take less than ${mostMs} ms over 64 KiB of the worst`, () => {
    const timed = patterns.map((pattern) => ({ name: pattern.name, ms: slowest(pattern.pattern) }));
    const most = timed.reduce((a, b) => (a.ms > b.ms ? a : b));
    process.stdout.write(
      `${patterns.length} regular expressions, 64 KiB: at most ${most.ms.toFixed(1)} ms, ${most.name}\n`,
    );
    expect(timed.filter(({ ms }) => ms > mostMs)).toEqual([]);
  }, 240_000);

  it('that are bad are told from good ones', () => {
    for (const pattern of [/\s+$/, /^(?:a+)+$/, /<.*?>/g]) {
      expect([pattern, slowest(pattern, 16 * 1_024) > mostMs]).toEqual([pattern, true]);
    }
    expect(slowest(/^[a-z]+$/)).toBeLessThan(mostMs);
  });
});
