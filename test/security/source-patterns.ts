import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { listFiles, root, sourceFiles } from '../architecture/source-files.js';

export interface SourcePattern {
  /** `path: /pattern/flags`, or what is written in the place of a pattern that is put together as the program runs. */
  readonly name: string;
  /** Undefined where it is put together. */
  readonly pattern: RegExp | undefined;
}

/** Every regular expression of the product: each literal, each call of `RegExp`, and the patterns of the presets. */
export function sourcePatterns(): SourcePattern[] {
  const product = sourceFiles.filter(({ path, isTest }) => !isTest && /^(?:libs|apps)\//.test(path));
  return [...product.flatMap(({ path, text }) => patternsIn(path, text)), ...presetPatterns()];
}

export function patternsIn(path: string, text: string): SourcePattern[] {
  const found: SourcePattern[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const pattern = new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
      found.push({ name: `${path}: ${node.text}`, pattern });
    }
    const isMade =
      (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp';
    if (isMade) found.push({ name: `${path}: ${node.getText()}`, pattern: undefined });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

function presetPatterns(): SourcePattern[] {
  return listFiles(['libs/providers/generic-oauth2/presets'], ['.json']).flatMap((path) => {
    const { inputs = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      inputs?: Record<string, { pattern: string }>;
    };
    return Object.values(inputs).map(({ pattern }) => ({
      name: `${path}: ${pattern}`,
      pattern: new RegExp(`^(?:${pattern})$`),
    }));
  });
}
