import type { Person } from '../world/people.js';

export type Answer = 'approve' | 'deny' | 'waiting';

/** The answer that somebody has given by now to a question asked at `startedAtMs`. */
export function answerOf(person: Person, startedAtMs: number, nowMs: number): Answer {
  switch (person.persona) {
    case 'approves':
      return 'approve';
    case 'denies':
      return 'deny';
    case 'never':
      return 'waiting';
    case 'slow':
      return nowMs - startedAtMs >= person.afterSeconds * 1000 ? 'approve' : 'waiting';
  }
}
