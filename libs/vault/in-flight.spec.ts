import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.js';

function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { start: () => promise, resolve, reject };
}

describe('InFlight', () => {
  it('starts work of one key once, and again when it has ended', async () => {
    const inFlight = new InFlight<string>();
    const work = pending();
    let starts = 0;
    const start = () => {
      starts += 1;
      return work.start();
    };
    const joined = [inFlight.join('a', start), inFlight.join('a', start), inFlight.join('b', start)];
    expect([starts, inFlight.size]).toEqual([2, 2]);
    work.resolve('done');
    expect(await Promise.all(joined)).toEqual(['done', 'done', 'done']);
    expect(inFlight.size).toBe(0);
    await inFlight.join('a', start);
    expect(starts).toBe(3);
  });

  it('tells everybody who joined of a failure, and forgets it', async () => {
    const inFlight = new InFlight<string>();
    const work = pending();
    const joined = [inFlight.join('a', work.start), inFlight.join('a', work.start)];
    work.reject(new Error('broken'));
    expect((await Promise.allSettled(joined)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await inFlight.join('a', async () => 'mended')).toBe('mended');
  });

  it('is drained when the last has ended, work started meanwhile included', async () => {
    const inFlight = new InFlight<string>();
    const [first, second] = [pending(), pending()];
    inFlight.join('a', first.start).then(
      () => undefined,
      () => inFlight.join('b', second.start),
    );
    let drained = false;
    const drain = inFlight.drained().then(() => {
      drained = true;
    });
    first.reject(new Error('broken'));
    await new Promise((resolve) => setImmediate(resolve));
    expect([drained, inFlight.size]).toEqual([false, 1]);
    second.resolve('done');
    await drain;
    expect(inFlight.size).toBe(0);
  });
});
