const width = 640;
const height = 300;
const left = 64;
const right = 150;
const top = 40;
const bottom = 46;

/** Told apart by dashes too, and readable on white and on black. */
const strokes = [
  { colour: '#2f7ed8', dash: '' },
  { colour: '#d9690f', dash: '6 4' },
  { colour: '#7a8794', dash: '2 4' },
];

/**
 * A picture of lines over a few places, from nought; in the colours of the reader's light or dark page.
 *
 * @param {{ title: string, x: string, y: string, places: readonly string[], lines: Record<string, readonly number[]> }} chart
 * @returns {string} SVG
 */
export function picture({ title, x, y, places, lines }) {
  const most = niceAbove(Math.max(...Object.values(lines).flat()));
  const xOf = (at) => left + ((width - left - right) * (at + 0.5)) / places.length;
  const yOf = (value) => height - bottom - ((height - top - bottom) * value) / most;
  const text = (at, level, words, more = '') => `<text x="${at}" y="${level}" ${more}>${words}</text>`;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const level = yOf(most * share);
    return (
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${level}" y2="${level}"/>` +
      text(left - 8, level + 4, (most * share).toLocaleString('en'), 'text-anchor="end"')
    );
  });
  const names = places.map((place, at) => text(xOf(at), height - bottom + 18, place, 'text-anchor="middle"'));
  let lastLevel = Number.NEGATIVE_INFINITY;
  const drawn = Object.entries(lines)
    .map(([name, values], n) => ({ name, values, ...strokes[n % strokes.length] }))
    .sort((a, b) => yOf(a.values.at(-1) ?? 0) - yOf(b.values.at(-1) ?? 0))
    .map(({ name, values, colour, dash }) => {
      const points = values.map((value, at) => `${xOf(at).toFixed(1)},${yOf(value).toFixed(1)}`);
      const dots = points.map((point) => {
        const [cx, cy] = point.split(',');
        return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`;
      });
      lastLevel = Math.max(yOf(values.at(-1) ?? 0) + 4, lastLevel + 16);
      return (
        `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" points="${points.join(' ')}"/>` +
        dots.join('') +
        text(xOf(places.length - 1) + 10, lastLevel.toFixed(1), name)
      );
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${title}</title>
<style>text{font:12px sans-serif;fill:#24292f}.grid{stroke:#8884}.title{font-weight:600}@media (prefers-color-scheme:dark){text{fill:#e6edf3}}</style>
${text(left, 18, title, 'class="title"')}
${text(left, 33, y)}
${[...grid, ...names, ...drawn].join('\n')}
${text((left + width - right) / 2, height - 8, x, 'text-anchor="middle"')}
</svg>
`;
}

/** The next of 1, 2 and 5 times a power of ten, or of 4 where that is nearer: quarters of it are plain. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
}
