/** One thing that keeps somebody out, and the tests that must fail when it is taken away. */
export interface Guard {
  readonly name: string;
  readonly suite: string;
  readonly edits: readonly Edit[];
}

/** The text must stand in the file exactly once. */
export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** @param edits file, text and replacement of each */
export function guard(
  name: string,
  suite: string,
  ...edits: readonly (readonly [file: string, text: string, replacement: string])[]
): Guard {
  return { name, suite, edits: edits.map(([file, text, replacement]) => ({ file, text, replacement })) };
}

/** @throws Error unless the text stands in the content exactly once */
export function edited(content: string, { file, text, replacement }: Edit): string {
  const parts = content.split(text);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places with ${text}`);
  return parts.join(replacement);
}
