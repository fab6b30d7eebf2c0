import { expect, it } from '@jest/globals';
import { newInitializationVector } from './initialization-vector.js';

it('gives each vector once, of 12 bytes, and changes none that it has given', () => {
  const given = Array.from({ length: 2_000 }, newInitializationVector);
  const asGiven = given.map((iv) => iv.toString('hex'));
  for (let more = 0; more < 2_000; more += 1) newInitializationVector();
  expect(given.map((iv) => iv.toString('hex'))).toEqual(asGiven);
  expect(new Set(asGiven).size).toBe(2_000);
  expect(new Set(given.map(({ length }) => length))).toEqual(new Set([12]));
});
