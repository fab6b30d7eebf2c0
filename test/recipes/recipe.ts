import type { TreeCopy } from '../support/tree-copy.js';

/** A recipe of CONTRIBUTING.md, as somebody follows it. */
export interface Recipe {
  /** The thing it adds. */
  readonly name: string;
  follow(tree: TreeCopy): void;
  /** All that differs then; of a new folder, the folder. */
  readonly changes: readonly string[];
  /** Uses what was added. */
  readonly suite: { readonly file: string; text(): string; readonly tests: number };
}
