/** The long versions of what `npm test` runs in short, one suite at a time: they measure, and want the machine. */
process.env['GRANTKEEPER_TEST_SCALE'] = 'long';
const names = process.argv.splice(2);
const paths = names.length === 0 ? ['test/crash/'] : names.map((name) => `test/crash/.*${name}`);
process.argv.push('--maxWorkers=1', ...paths);
await import('./test.ts');
