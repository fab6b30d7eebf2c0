// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { defineConfig } from 'rolldown';
import { DIST, ROOT } from './scripts/lib/paths.mjs';

const built = `${DIST}.next`;
const isApplication = (/** @type {string} */ name) => existsSync(join(built, 'apps', name, 'main.js'));
const { imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const applications = readdirSync(join(built, 'apps')).filter(isApplication);

/**
 * Each application in a few files, packages included, in place of its `main.js`: most of a start would be finding,
 * reading and linking three thousand modules. The compiled modules stay beside it, for scripts and tests.
 */
export default defineConfig({
  input: Object.fromEntries(applications.map((name) => [name, join(built, 'apps', name, 'main.js')])),
  platform: 'node',
  resolve: {
    alias: Object.fromEntries(
      Object.keys(imports).map((name) => [name, imports[name].default.replace('./dist', built)]),
    ),
  },
  external: [
    // Loaded by name at run time too; a second copy would know nothing of the first one's classes.
    /^(typeorm|pg)(\/|$)/,
    // Nest asks whether they are installed; they are not.
    /^@nestjs\/(microservices|platform-express|websockets)|^@fastify\/(multipart|view)|^class-/,
  ],
  logLevel: 'warn',
  plugins: [{ name: 'own-place', transform: whereItWas }],
  output: {
    entryFileNames: 'apps/[name]/main.js',
    // As deep as the applications: `whereItWas` counts on it.
    chunkFileNames: 'apps/chunks/[name]-[hash].js',
    // Packages are found by what they set up in one another.
    strictExecutionOrder: true,
    // Nest and TypeORM go by the names of classes.
    keepNames: true,
    // The text stays in memory once it is loaded, and takes twice as much where one of its characters is not ASCII.
    charset: 'ascii',
    // Those of licences are in the packages, which stay beside it.
    comments: false,
  },
});

/**
 * A module of ours that reads files beside it finds them from the file that it is put into.
 *
 * @param {string} code
 * @param {string} path
 */
function whereItWas(code, path) {
  if (!path.startsWith(`${built}/`) || !code.includes('import.meta.')) return null;
  const own = join('../..', relative(built, path));
  return code
    .replaceAll('import.meta.dirname', `(import.meta.dirname + '/${dirname(own)}')`)
    .replaceAll('import.meta.url', `new URL('${own}', import.meta.url).href`);
}
