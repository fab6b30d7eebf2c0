import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformSync } from '@swc/core';
import { startTestDatabase, sweepTestDatabases } from '../../libs/testing/jest/database-server.ts';
import { copyTree } from '../support/tree-copy.ts';
import { type Edit, edited, type Guard } from './guard.ts';
import { guards } from './guards.ts';
import { runSuite, type SuiteRun } from './run-suites.ts';

/** Takes each guard out of a copy of the checkout, and shows which test fails. Arguments: parts of names or suites. */
const filters = process.argv.slice(2);
const chosen = guards.filter(
  ({ name, suite }) =>
    filters.length === 0 || filters.some((part) => name.includes(part) || suite.includes(part)),
);
const root = resolve(import.meta.dirname, '../..');
const isOfSchema = (file: string) => /^libs\/vault\/(?:schema\/|check-schema)/.test(file);

const database = await startTestDatabase();
// The suites of the copy have the environment of this process.
process.env['GRANTKEEPER_TEST_CLUSTER'] = database.cluster;
const copy = copyTree();
const tree = copy.folder;
/** By suite. */
const whole = new Map<string, Promise<SuiteRun>>();
try {
  cpSync(join(root, 'dist'), join(tree, 'dist'), { recursive: true });
  // Processes load the modules one by one here: in a bundle no guard could be taken away.
  for (const app of readdirSync(join(tree, 'apps')))
    if (existsSync(join(tree, 'apps', app, 'main.ts'))) writeBuilt(`apps/${app}/main.ts`);
  process.stdout.write('| guard | suite | failing test | seconds |\n| --- | --- | --- | ---: |\n');
  let survived = 0;
  for (const guard of chosen) {
    const beganAtMs = performance.now();
    const before = await untouched(guard.suite);
    const after = isGreen(before) ? await runWithout(guard) : notGreen(before);
    const { seen, shown } = verdict(guard, after, before.passed);
    if (!seen) survived += 1;
    const seconds = ((performance.now() - beganAtMs) / 1_000).toFixed(0);
    process.stdout.write(`| ${guard.name} | ${guard.suite} | ${shown} | ${seconds} |\n`);
  }
  process.stdout.write(
    `\n${chosen.length} guards removed, ${chosen.length - survived} seen, ${survived} not\n`,
  );
  process.exitCode = survived > 0 || chosen.length === 0 ? 1 : 0;
} finally {
  copy.remove();
  await database.remove();
  await sweepTestDatabases();
}

/** The run of a suite with every guard in its place. */
function untouched(suite: string): Promise<SuiteRun> {
  const run = whole.get(suite) ?? runSuite(suite, testsOf(suite), { tree, databaseUrl: database.url });
  whole.set(suite, run);
  return run;
}

function isGreen({ passed, failed, broken }: SuiteRun): boolean {
  return passed > 0 && failed.length === 0 && broken === undefined;
}

function notGreen({ broken, failed }: SuiteRun): SuiteRun {
  return { passed: 0, failed: [], broken: `not green to begin with: ${broken ?? failed.join('; ')}` };
}

async function runWithout({ suite, edits }: Guard): Promise<SuiteRun> {
  const ofSchema = edits.some(({ file }) => isOfSchema(file));
  const changed = edits.flatMap(({ file }) => [file, asBuilt(file)]);
  const files = new Map(changed.map((file) => [file, readFileSync(join(tree, file), 'utf8')]));
  try {
    for (const edit of edits) takeAway(edit);
    return await runSuite(suite, testsOf(suite), ofSchema ? { tree } : { tree, databaseUrl: database.url });
  } catch (error) {
    return { passed: 0, failed: [], broken: String(error) };
  } finally {
    for (const [file, text] of files) copy.write(file, text);
  }
}

/** From the source, and from the build, which migrations and processes of the product come out of. */
function takeAway(edit: Edit): void {
  copy.write(edit.file, edited(readFileSync(join(tree, edit.file), 'utf8'), edit));
  writeBuilt(edit.file);
}

function writeBuilt(file: string): void {
  const source = readFileSync(join(tree, file), 'utf8');
  const isCode = file.endsWith('.ts');
  const built = isCode ? transformSync(source, { cwd: tree, filename: join(tree, file) }).code : source;
  copy.write(asBuilt(file), built);
}

function asBuilt(file: string): string {
  return join('dist', file.replace(/\.ts$/, '.js'));
}

/** Of a suite, all tests that its guards name; none where one of them names none. */
function testsOf(suite: string): readonly string[] {
  const tests = guards.filter((guard) => guard.suite === suite).map(({ test }) => test ?? '');
  return tests.includes('') ? [] : [...new Set(tests)];
}

/** Only a test that fails while others still pass has seen the guard; a suite that is broken as a whole has not. */
function verdict({ test = '' }: Guard, { passed, failed, broken }: SuiteRun, passedBefore: number) {
  if (broken !== undefined) return { seen: false, shown: `**broken** ${inLine(broken)}` };
  if (passed === 0 && passedBefore > 1) return { seen: false, shown: '**broken** every test fails' };
  const [first, ...more] = [...failed].sort((a, b) => Number(b.includes(test)) - Number(a.includes(test)));
  if (!first?.includes(test)) return { seen: false, shown: '**survived**' };
  return { seen: true, shown: `${inLine(first)}${more.length > 0 ? ` (and ${more.length} more)` : ''}` };
}

function inLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 300);
}
