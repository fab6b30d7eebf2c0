import fc from 'fast-check';

const halves = { from: 0xd800, count: 0x800 };

/** Any code point but half of a surrogate pair. */
const codePoint = fc
  .integer({ min: 0, max: 0x10_ffff - halves.count })
  .map((number) => String.fromCodePoint(number < halves.from ? number : number + halves.count));

/** Texts as of the unit `binary` of fast-check, which first lists all code points, for two seconds of a processor. */
export function anyText(constraints: fc.StringConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}
