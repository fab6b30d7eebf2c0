/** The `npm run test:…` commands set it: the long version of every test that has one. */
const isLong = process.env['GRANTKEEPER_TEST_SCALE'] === 'long';

/** How much there is of something, in the short version and in the long one. */
export function scaled<T>(short: T, long: T): T {
  return isLong ? long : short;
}

/** Milliseconds a test may take. */
export function allowedMs(shortSeconds: number, longSeconds: number): number {
  return scaled(shortSeconds, longSeconds) * 1_000;
}
