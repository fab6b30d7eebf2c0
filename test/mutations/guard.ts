/** One thing that keeps somebody out, and the tests that must fail when it is taken away. */
export interface Guard {
  readonly name: string;
  readonly suite: string;
  /** A part of the name of the test; absent: any of the suite. */
  readonly test?: string;
  readonly edits: readonly Edit[];
}

/** The text must stand in the file exactly once. */
export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/**
 * @param where suite, or suite and part of the name of the test
 * @param edits file, text and replacement of each
 */
export function guard(
  name: string,
  where: string | readonly [suite: string, test: string],
  ...edits: readonly (readonly [file: string, text: string, replacement: string])[]
): Guard {
  const [suite, test] = typeof where === 'string' ? [where] : where;
  return {
    name,
    suite,
    ...(test === undefined ? {} : { test }),
    edits: edits.map(([file, text, replacement]) => ({ file, text, replacement })),
  };
}

/** @throws Error unless the text stands in the content exactly once */
export function edited(content: string, { file, text, replacement }: Edit): string {
  const parts = content.split(text);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places with ${text}`);
  return parts.join(replacement);
}
