import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RotationMode } from '#provider-kit';
import { allGuards, type Guards, type Move, TwoReplicas } from '../spec-support/two-replicas.js';

const replica = fc.constantFrom(0 as const, 1 as const);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('step' as const), replica }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose_answer' as const), replica }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), replica, journalSurvives: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), replica }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 20, 400) }),
  },
);
const moves = fc.array(move, { maxLength: 60 });
const runs = 2_000;

function played(mode: RotationMode, all: readonly Move[], guards: Guards = allGuards): TwoReplicas {
  const world = new TwoReplicas(mode, guards);
  for (const one of all) world.play(one);
  world.settle();
  return world;
}

/** Checks what must hold whatever happens in whatever order. */
function check(mode: RotationMode, all: readonly Move[], guards?: Guards): void {
  const world = played(mode, all, guards);
  const { generations, provider, unknowable, row } = world;
  expect([...generations].sort((a, b) => a - b)).toEqual(generations);
  expect(new Set(world.written).size).toBe(world.written.length);
  const lives = row.status === 'active' && provider.accepts(world.stored);
  if (mode !== 'strict') {
    expect({ status: row.status, lives }).toEqual({ status: 'active', lives: true });
    return;
  }
  for (const name of provider.names) {
    if (!unknowable.has(name)) expect([name, provider.timesPresented(name) <= 1]).toEqual([name, true]);
  }
  // Lost only where nobody could know, and then for everybody to see.
  if (!lives) expect([row.status, unknowable.size > 0]).toEqual(['reauthorization_required', true]);
}

const holds = (mode: RotationMode, guards?: Guards) =>
  fc.assert(
    fc.property(moves, (all) => check(mode, all, guards)),
    { numRuns: runs },
  );

describe('two replicas, in any order, with crashes at any point', () => {
  it.each(['none', 'grace', 'confirm_on_use', 'strict'] as const)(
    'never lose a grant that could be kept: rotation %s',
    (mode) => holds(mode),
  );

  it('do lose one at a strict provider where only it knew: the model can tell', () => {
    const all: Move[] = [
      { kind: 'step', replica: 0 },
      { kind: 'step', replica: 0 },
      { kind: 'step', replica: 0 },
      { kind: 'crash', replica: 0, journalSurvives: true },
      { kind: 'restart', replica: 0 },
    ];
    expect(played('strict', all).row.status).toBe('reauthorization_required');
  });

  it.each([
    ['the generation check', 'confirm_on_use', { generation: false }],
    ['the journal', 'strict', { journal: false }],
    ['waiting for the journal of others', 'strict', { journalWait: false }],
    ['the deadline before the write', 'strict', { sendDeadline: false }],
  ] as const)('need %s, rotation %s', (_guard, mode, without) => {
    const guards = { ...allGuards, ...without };
    const found = fc.check(
      fc.property(moves, (all) => check(mode, all, guards)),
      { numRuns: 50_000, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });
});
