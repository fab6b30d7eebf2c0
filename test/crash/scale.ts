/** `npm run test:crash` sets it: the long version of every test below this folder. */
const isLong = process.env['GRANTKEEPER_TEST_SCALE'] === 'long';

/** How often something is repeated, in the short version and in the long one. */
export function scaled(short: number, long: number): number {
  return isLong ? long : short;
}

/** Milliseconds a test may take. */
export function allowedMs(shortSeconds: number, longSeconds: number): number {
  return scaled(shortSeconds, longSeconds) * 1_000;
}
