/**
 * Black or white, whichever has more contrast with a colour (WCAG 2.2, relative luminance): 4.5 to 1 at least.
 * @param colour `#rrggbb`
 */
export function readableOn(colour: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // There the contrast with black, (l + 0.05) / 0.05, is that with white, 1.05 / (l + 0.05).
  return (luminance + 0.05) ** 2 > 0.05 * 1.05 ? '#000000' : '#ffffff';
}
