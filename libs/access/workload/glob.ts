/** Characters of a claim that a glob is tried on: beyond that, nothing matches. */
const longest = 2_048;

/**
 * Whether the whole text is of the form of the glob: `*` stands for any number of characters, `/` and `:` included, and
 * `?` for one; everything else for itself. Takes time in proportion to the lengths of both, whatever they hold: after
 * a mismatch only the last `*` is given one character more.
 */
export function matchesGlob(glob: string, text: string): boolean {
  if (text.length > longest) return false;
  let at = 0;
  let inGlob = 0;
  let lastStar = -1;
  let afterStar = 0;
  while (at < text.length) {
    const wanted = glob[inGlob];
    if (wanted === '*') {
      lastStar = inGlob++;
      afterStar = at;
    } else if (wanted === '?' || wanted === text[at]) {
      inGlob++;
      at++;
    } else if (lastStar >= 0) {
      inGlob = lastStar + 1;
      at = ++afterStar;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(inGlob));
}
