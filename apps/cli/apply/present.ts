import type { Json } from '../text/table.js';

/** These members, where they are something. */
export function present(document: Json, members: readonly string[]): Json {
  return Object.fromEntries(
    members.flatMap((name) =>
      document[name] === null || document[name] === undefined ? [] : [[name, document[name]]],
    ),
  );
}
