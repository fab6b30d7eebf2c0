/** Characters of a claim that a glob is tried on: beyond that, nothing matches. */
const longest = 2_048;

/**
 * Whether the whole text is of the form of the glob: `*` stands for any number of characters, `/` and `:` included, and
 * `?` for one; everything else for itself. All ways to read the glob are followed at once, one bit each, so that no
 * text takes longer than another of its length.
 */
export function matchesGlob(glob: string, text: string): boolean {
  if (text.length > longest) return false;
  const { steps, any, stays, last } = parse(glob);
  // Bit n: the text so far may have used up n characters of the glob.
  let reached = 1n;
  for (const character of text) {
    const consumed = reached & ((steps.get(character) ?? 0n) | any);
    reached = (consumed << 1n) | (reached & stays);
    if (reached === 0n) return false;
  }
  return (reached & last) !== 0n;
}

/** Masks of the characters that are not `*`: bit n for the one that comes after n others. */
function parse(glob: string) {
  const steps = new Map<string, bigint>();
  let any = 0n;
  let stays = 0n;
  let bit = 1n;
  for (const character of glob) {
    if (character === '*') {
      stays |= bit;
      continue;
    }
    if (character === '?') any |= bit;
    else steps.set(character, (steps.get(character) ?? 0n) | bit);
    bit <<= 1n;
  }
  return { steps, any, stays, last: bit };
}
