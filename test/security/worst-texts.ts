/** One of each kind of character that classes tell apart. */
const kinds = ['a', 'A', '0', ' ', '\n', '\u0000', 'é', '-', '.', '/', '"', '='];
/** Endings that no pattern wants. */
const misfits = ['\u0000', '\n!', 'é'];
/** Exponential patterns show on so few characters, and would not come to an end on more. */
const fewCharacters = 24;

/**
 * Texts of a length on which a pattern that goes back and forth would take longest: one of its characters, two of its
 * characters in turn, or one of its words, again and again, and then something that does not fit; and the same behind
 * how it may begin.
 * @param amount `few`: the simplest of them
 */
export function* worstTexts({ source }: RegExp, length: number, amount: 'few' | 'all'): Generator<string> {
  const words = [...new Set(source.match(/[\w:<>!@-]{2,}/g) ?? [])].slice(0, 8);
  const own = [...new Set(plain(source))].slice(0, amount === 'few' ? 8 : 24);
  const characters = [...new Set([...own, ...kinds])];
  const [misfit = '', ...moreMisfits] = misfits;
  for (const unit of [...characters, ...words]) yield unit.repeat(fewCharacters / unit.length) + misfit;
  const units = [...characters, ...words, ...words.map((word) => `${word} `)];
  for (const unit of units) yield filled('', unit, length, misfit);
  for (const start of beginnings(source, words)) {
    for (const unit of amount === 'few' ? kinds.slice(0, 4) : characters)
      yield filled(start, unit, length, misfit);
  }
  if (amount === 'few') return;
  for (const unit of units) for (const end of moreMisfits) yield filled('', unit, length, end);
  for (const one of own) for (const other of kinds) yield filled('', one + other, length, misfit);
}

function filled(start: string, unit: string, length: number, end: string): string {
  return start + unit.repeat(Math.floor((length - start.length - end.length) / unit.length)) + end;
}

/** The characters that stand for themselves, near enough. */
function plain(source: string): string[] {
  return [...source.replace(/\\[dDwWsSbBpP]|\\u\{?[0-9a-f]+\}?|\\x[0-9a-f]{2}|[\\^$|()[\]{}?*+]/gi, '')];
}

/** Whole words from where it begins up to the first repetition. */
function beginnings(source: string, words: readonly string[]): string[] {
  const literal = /^\^?((?:[\w:/@ -]|\\[/.])+)/.exec(source)?.[1]?.replaceAll('\\', '') ?? '';
  return [...new Set([literal, literal.slice(0, -1), ...words.slice(0, 4)])].filter((start) => start !== '');
}
