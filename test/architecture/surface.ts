import ts from 'typescript';
import { libNames, sourceFiles, unitOf } from './source-files.js';

const parse = ({ path, text }: { path: string; text: string }) =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

const indexOf = (lib: string) => {
  const index = sourceFiles.find(({ path }) => path === `libs/${lib}/index.ts`);
  if (!index) throw new Error(`libs/${lib} has no index.ts`);
  return parse(index);
};

/** The statements of a lib's index that are no list of names: `export *`, or code. */
export function unlisted(lib: string): string[] {
  return indexOf(lib)
    .statements.filter((statement) => namesOf(statement) === undefined)
    .map((statement) => `libs/${lib}/index.ts: ${statement.getText()}`);
}

/** `lib/name` for every name that a lib exports. */
export const exported: readonly string[] = libNames
  .flatMap((lib) => indexOf(lib).statements.flatMap((statement) => named(lib, namesOf(statement) ?? [])))
  .sort();

/** `lib/name` for every name of a lib that a file outside it imports. */
export const imported: ReadonlySet<string> = new Set(
  sourceFiles.flatMap((file) => {
    const names: string[] = [];
    const visit = (node: ts.Node): void => {
      names.push(...namesTaken(node));
      ts.forEachChild(node, visit);
    };
    if (file.text.includes("'#")) visit(parse(file));
    return names.filter((name) => unitOf(file.path) !== `libs/${name.split('/')[0]}`);
  }),
);

function namesOf(statement: ts.Statement): string[] | undefined {
  if (!ts.isExportDeclaration(statement) || !statement.exportClause) return undefined;
  if (!ts.isNamedExports(statement.exportClause)) return undefined;
  return statement.exportClause.elements.map(({ name }) => name.text);
}

/** Of `import { a } from '#lib'`, of `import('#lib').A` as a type, and of `const { a } = await import('#lib')`. */
function namesTaken(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node)) {
    const bindings = node.importClause?.namedBindings;
    const elements = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
    return named(
      libOf(node.moduleSpecifier),
      elements.map((element) => (element.propertyName ?? element.name).text),
    );
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return named(libOf(node.argument.literal), node.qualifier ? [node.qualifier.getText()] : []);
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer) {
    const call = ts.isAwaitExpression(node.initializer) ? node.initializer.expression : undefined;
    if (!call || !ts.isCallExpression(call) || call.expression.kind !== ts.SyntaxKind.ImportKeyword)
      return [];
    const [specifier] = call.arguments;
    const elements = node.name.elements.map((element) => (element.propertyName ?? element.name).getText());
    return named(specifier && libOf(specifier), elements);
  }
  return [];
}

function libOf(specifier: ts.Node): string | undefined {
  return ts.isStringLiteral(specifier) && specifier.text.startsWith('#')
    ? specifier.text.slice(1)
    : undefined;
}

function named(lib: string | undefined, names: readonly string[]): string[] {
  return lib === undefined ? [] : names.map((name) => `${lib}/${name}`);
}
