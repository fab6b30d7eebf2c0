import { Problem } from './problem.js';

/** An admin has paused the connection: nobody gets its token, and nobody renews it. */
export function connectionPaused(): Problem {
  return new Problem('connection_paused', {
    remedy: 'An administrator lifts the pause with PATCH of the connection and {"paused": false}.',
  });
}
