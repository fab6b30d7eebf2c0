/** The long versions of suites that `npm test` runs in short, one at a time: they measure, and want the machine. */
process.env['GRANTKEEPER_TEST_SCALE'] = 'long';
const [path = '', ...names] = process.argv.splice(2);
const paths = names.length === 0 ? [path] : names.map((name) => `${path}.*${name}`);
process.argv.push('--maxWorkers=1', ...paths);
await import('./run.ts');
