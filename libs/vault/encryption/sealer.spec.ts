import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kek } from '../spec-support/kek.js';
import type { Binding } from './binding.js';
import type { KeyEncryptionKeys } from './kek-provider.js';
import type { WrappedDataKey } from './key-wrap.js';
import { Sealer } from './sealer.js';

const bindings: fc.Arbitrary<Binding> = fc.record({
  tenantId: fc.uuid(),
  table: fc.constantFrom('credential_secrets' as const, 'token_sets' as const),
  column: fc.constantFrom('sealed', 'wrapped', 'other'),
  rowId: fc.uuid(),
  generation: fc.nat(),
});

/** The same place but for one of its coordinates. */
const moves: fc.Arbitrary<(from: Binding) => Binding> = fc.oneof(
  fc.uuid().map((tenantId) => (from: Binding) => ({ ...from, tenantId })),
  fc.uuid().map((rowId) => (from: Binding) => ({ ...from, rowId })),
  fc.constantFrom('a', 'b').map((column) => (from: Binding) => ({ ...from, column })),
  fc
    .constantFrom(...([1, -1, 2, 1_000] as const))
    .map((by) => (from: Binding) => ({ ...from, generation: from.generation + by })),
  fc.constant((from: Binding) => ({
    ...from,
    table: from.table === 'token_sets' ? ('credential_secrets' as const) : ('token_sets' as const),
  })),
);

const runs = { numRuns: 60 };

function fresh(...keys: KeyEncryptionKeys['keys']): { keks: KeyEncryptionKeys; sealer: Sealer } {
  const keks = { deploymentId: 'here', keys: keys.length > 0 ? keys : [kek('k1')] };
  return { keks, sealer: new Sealer(keks) };
}

async function dataKey(sealer: Sealer, tenantId: string, version = 1): Promise<WrappedDataKey> {
  const id = `key-${version} of ${tenantId}`;
  return { id, version, wrapped: await sealer.newDataKey(tenantId, id, version) };
}

describe('sealing', () => {
  it('opens in the place it was sealed for, and shows nothing of the plaintext', async () => {
    await fc.assert(
      fc.asyncProperty(bindings, fc.string({ unit: 'grapheme', minLength: 8 }), async (place, plaintext) => {
        const { keks, sealer } = fresh();
        const key = await dataKey(sealer, place.tenantId);
        const sealed = await sealer.seal(plaintext, key, place);
        // A replica that has never unwrapped the key.
        expect(await new Sealer(keks).open(sealed, [key], place)).toBe(plaintext);
        const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString());
        expect(parts.join('\n')).not.toContain(plaintext);
      }),
      runs,
    );
  });

  it('never seals the same twice', async () => {
    const { sealer } = fresh();
    const place = {
      tenantId: 't',
      table: 'token_sets',
      column: 'sealed',
      rowId: 'r',
      generation: 1,
    } as const;
    const key = await dataKey(sealer, 't');
    const many = await Promise.all(Array.from({ length: 200 }, () => sealer.seal('same', key, place)));
    expect(new Set(many.map((sealed) => sealed.split('.')[2])).size).toBe(200);
  });

  it('does not open in another tenant, table, column, row or generation, even with the right key at hand', async () => {
    await fc.assert(
      fc.asyncProperty(bindings, moves, async (place, move) => {
        const elsewhere = move(place);
        const { sealer } = fresh();
        const key = await dataKey(sealer, place.tenantId);
        const sealed = await sealer.seal('secret', key, place);
        expect(await sealer.open(sealed, [key], place)).toBe('secret');
        await expect(sealer.open(sealed, [key], elsewhere)).rejects.toMatchObject({ code: 'cannot_open' });
      }),
      runs,
    );
  });

  it('does not open in another deployment that holds the same keys', async () => {
    const { keks, sealer } = fresh();
    const place = {
      tenantId: 't',
      table: 'token_sets',
      column: 'sealed',
      rowId: 'r',
      generation: 1,
    } as const;
    const key = await dataKey(sealer, 't');
    const sealed = await sealer.seal('secret', key, place);
    const elsewhere = new Sealer({ ...keks, deploymentId: 'there' });
    await expect(elsewhere.open(sealed, [key], place)).rejects.toMatchObject({ code: 'cannot_open' });
    // Not by the data key's own binding alone: one that both could unwrap does not help either.
    const there = { ...key, wrapped: await elsewhere.newDataKey('t', key.id, key.version) };
    await elsewhere.seal('anything', there, place);
    await expect(elsewhere.open(sealed, [there], place)).rejects.toMatchObject({ code: 'cannot_open' });
  });

  it('does not open with a wrapped key taken from another tenant, row or version', async () => {
    const { keks, sealer } = fresh();
    const place = {
      tenantId: 'a',
      table: 'token_sets',
      column: 'sealed',
      rowId: 'r',
      generation: 1,
    } as const;
    const key = await dataKey(sealer, 'a');
    const sealed = await sealer.seal('secret', key, place);
    const moved = [
      { key, place: { ...place, tenantId: 'b' } },
      { key: { ...key, version: 2 }, place },
      { key: { ...key, wrapped: (await dataKey(sealer, 'b')).wrapped }, place },
      { key: { ...key, wrapped: (await dataKey(sealer, 'a', 2)).wrapped }, place },
    ];
    for (const attempt of moved) {
      await expect(new Sealer(keks).open(sealed, [attempt.key], attempt.place)).rejects.toMatchObject({
        code: 'cannot_open',
      });
    }
    await expect(sealer.open(sealed, [], place)).rejects.toMatchObject({ code: 'cannot_open' });
  });

  it('does not open once a single character of it has changed', async () => {
    const { sealer } = fresh();
    const place = {
      tenantId: 't',
      table: 'token_sets',
      column: 'sealed',
      rowId: 'r',
      generation: 1,
    } as const;
    const key = await dataKey(sealer, 't');
    const sealed = await sealer.seal('a secret of some length', key, place);
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.constantFrom(...'AQgw.'), async (at, character) => {
        const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
        const bytes = (text: string) =>
          text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
        // The last character of a base64url part may carry bits that mean nothing.
        fc.pre(bytes(changed).join('.') !== bytes(sealed).join('.'));
        await expect(sealer.open(changed, [key], place)).rejects.toMatchObject({ code: 'cannot_open' });
      }),
      runs,
    );
    await expect(sealer.open('', [key], place)).rejects.toMatchObject({ code: 'cannot_open' });
    await expect(sealer.open('secret', [key], place)).rejects.toMatchObject({ code: 'cannot_open' });
  });
});

describe('key-encryption keys', () => {
  const [older, newer] = [kek('older'), kek('newer')];
  const place = { tenantId: 't', table: 'token_sets', column: 'sealed', rowId: 'r', generation: 1 } as const;

  it('wrap with the first and open with any that is listed', async () => {
    const before = fresh(older).sealer;
    const key = await dataKey(before, 't');
    const sealed = await before.seal('secret', key, place);

    const during = fresh(newer, older).sealer;
    expect(await during.open(sealed, [key], place)).toBe('secret');
    const next = await dataKey(during, 't', 2);
    expect(kidOf(key.wrapped)).toBe('older');
    expect(kidOf(next.wrapped)).toBe('newer');

    const after = fresh(newer).sealer;
    const resealed = await after.seal('secret', next, place);
    expect(await after.open(resealed, [next, key], place)).toBe('secret');
    await expect(after.open(sealed, [next, key], place)).rejects.toMatchObject({ code: 'unknown_key' });
  });

  it('that share only their name open nothing', async () => {
    const { sealer } = fresh(kek('k'));
    const key = await dataKey(sealer, 't');
    const sealed = await sealer.seal('secret', key, place);
    await expect(fresh(kek('k')).sealer.open(sealed, [key], place)).rejects.toMatchObject({
      code: 'cannot_open',
    });
  });

  it('open no wrapped key that is not one', async () => {
    const { sealer } = fresh();
    const key = await dataKey(sealer, 't');
    const sealed = await sealer.seal('secret', key, place);
    for (const wrapped of ['', 'not.a.wrapped.key.', sealed]) {
      await expect(fresh().sealer.open(sealed, [{ ...key, wrapped }], place)).rejects.toMatchObject({
        name: 'VaultError',
      });
    }
  });

  function kidOf(wrapped: string): unknown {
    return JSON.parse(Buffer.from(wrapped.split('.')[0] ?? '', 'base64url').toString()).kid;
  }
});
