const figure = /\d+(?:\.\d+)?/g;

/**
 * Of several runs of one part: each figure that differs is the median of the runs, with the smallest and the largest.
 *
 * @param {readonly string[]} outputs the same words and other figures
 * @returns {string} where the words differ too, the runs one after the other
 */
export function medians(outputs) {
  const [first = ''] = outputs;
  if (outputs.length < 2) return first;
  const words = (text) =>
    text
      .replace(/\|[-|]+\|/g, '')
      .split(figure)
      .join('#');
  if (outputs.some((text) => words(text) !== words(first))) return outputs.join('\n\n');
  const figures = outputs.map((text) => text.match(figure) ?? []);
  let at = 0;
  return first.replace(figure, () => {
    const sorted = figures.map((one) => one[at] ?? '').sort((a, b) => Number(a) - Number(b));
    at += 1;
    const [least, middle, most] = [sorted[0], sorted[(sorted.length - 1) >> 1], sorted.at(-1)];
    return least === most ? `${middle}` : `${middle} (${least}–${most})`;
  });
}
