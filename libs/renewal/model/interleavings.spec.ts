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

/**
 * A flaw in the outcome: all that is looked at must hold whatever happens in whatever order. An `expect` takes longer
 * than all the moves, so there is none here.
 */
function flawOf(mode: RotationMode, all: readonly Move[], guards?: Guards): string | undefined {
  const { generations, provider, unknowable, row, written, stored } = played(mode, all, guards);
  if (generations.some((generation, at) => at > 0 && generation < (generations[at - 1] ?? 0)))
    return `generations went back: ${generations}`;
  if (new Set(written).size !== written.length) return `written twice: ${written}`;
  const lives = row.status === 'active' && provider.accepts(stored);
  if (mode !== 'strict') return lives ? undefined : `lost: ${row.status}`;
  const again = [...provider.names].filter(
    (name) => !unknowable.has(name) && provider.timesPresented(name) > 1,
  );
  if (again.length > 0) return `presented more than once: ${again}`;
  // Lost only where nobody could know, and then for everybody to see.
  const mayBeLost = row.status === 'reauthorization_required' && unknowable.size > 0;
  return lives || mayBeLost ? undefined : `lost: ${row.status}, with ${unknowable.size} that nobody knows`;
}

const property = (mode: RotationMode, guards?: Guards) =>
  fc.property(moves, (all) => {
    const flaw = flawOf(mode, all, guards);
    if (flaw !== undefined) throw new Error(flaw);
  });

describe('two replicas, in any order, with crashes at any point', () => {
  it.each(['none', 'grace', 'confirm_on_use', 'strict'] as const)(
    'never lose a grant that could be kept: rotation %s',
    (mode) => fc.assert(property(mode), { numRuns: runs }),
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
    const found = fc.check(property(mode, guards), { numRuns: 50_000, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
});
