import { describe, expect, it } from '@jest/globals';
import { findCycle } from './find-cycle.js';
import { libNames, resolveImport, sourceFiles, unitOf } from './source-files.js';

/** Any lib may configure itself and log. */
const everywhere = ['config', 'observability'];

/** The other libs that each lib may import: downwards only. Apps may import any; no lib imports an app. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  config: [],
  observability: [],
  'provider-kit': [],
  journal: [],
  egress: ['provider-kit'],
  'oauth-http': ['provider-kit', 'egress'],
  vault: ['provider-kit'],
  providers: ['provider-kit', 'oauth-http'],
  events: ['provider-kit', 'egress', 'vault'],
  access: ['provider-kit', 'egress', 'vault', 'events'],
  renewal: ['provider-kit', 'vault', 'journal'],
  'token-reads': ['provider-kit', 'vault', 'renewal'],
  // A first grant is the renewal of generation 0: `renew()` is the only way to a token.
  connect: ['provider-kit', 'oauth-http', 'vault', 'events', 'renewal'],
  // A package of its own: it takes nothing of the product with it.
  client: [],
  // The composition of all of them.
  core: ['egress', 'vault', 'providers', 'events', 'renewal', 'token-reads', 'connect'],
};

/** Code that runs without a build cannot use the names of libs: it takes single files that need no other lib. */
const mayGoInside = [
  // Attacks on the database need the vault without the product around it.
  /^test\/security\/.* → \.\.\/\.\.\/libs\/vault\/spec-support\//,
  // An issuer for each address, without a product for each.
  /^test\/security\/ssrf-console\.spec\.ts → \.\.\/\.\.\/libs\/access\/sso\//,
  /^ormconfig\.ts → \.\/libs\/vault\/data-source-options\.js$/,
  /^scripts\/.* → (?:\.\.\/)+libs\/journal\/(?:folder-lock|process-identity)\.ts$/,
  /^libs\/testing\/jest\/database-server\.ts → \.\.\/\.\.\/journal\/process-identity\.ts$/,
  /^test\/(?:run|(?:bench|mutations)\/main)\.m?[jt]s → (?:\.\.\/)+libs\/testing\/jest\/database-server\.ts$/,
  // Ciphertexts as a thief of the database has them: nothing outside the vault may see them otherwise.
  /^test\/security\/(?:keyrotate\.spec|sealed-rows)\.ts → \.\.\/\.\.\/libs\/vault\//,
];

const product = sourceFiles.filter(({ isTest }) => !isTest);

/** `file → what it imports` for everything of ours that a file imports and that breaks the rule. */
function offences(
  files: typeof sourceFiles,
  breaks: (file: string, target: string, specifier: string) => boolean,
): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap((specifier) => {
      const target = resolveImport(path, specifier);
      return target !== undefined && breaks(path, target, specifier) ? [`${path} → ${specifier}`] : [];
    }),
  );
}

describe('imports', () => {
  it('are seen at all', () => {
    expect(product.length).toBeGreaterThan(100);
    expect(product.flatMap(({ imports }) => imports).length).toBeGreaterThan(400);
  });

  it('know every lib there is', () => {
    expect(libNames.filter((name) => name !== 'testing' && mayImport[name] === undefined)).toEqual([]);
  });

  it('run downwards only between libs', () => {
    expect(
      offences(product, (path, target) => {
        const [from, to] = [unitOf(path), unitOf(target)];
        if (!from?.startsWith('libs/') || to === undefined || from === to) return false;
        const allowed = [...(mayImport[from.slice(5)] ?? []), ...everywhere].map((name) => `libs/${name}`);
        return !allowed.includes(to);
      }),
    ).toEqual([]);
  });

  it('go into another lib through its index only, by its name', () => {
    expect(
      offences(sourceFiles, (path, target, specifier) => {
        const [from, to] = [unitOf(path), unitOf(target)];
        return to?.startsWith('libs/') === true && from !== to && !specifier.startsWith('#');
      }).filter((offence) => !mayGoInside.some((allowed) => allowed.test(offence))),
    ).toEqual([]);
  });

  it('stay within a lib direct: nobody imports the index of its own lib', () => {
    expect(
      offences(sourceFiles, (path, target) => {
        const unit = unitOf(path);
        return unit?.startsWith('libs/') === true && target === `${unit}/index.ts`;
      }),
    ).toEqual([]);
  });

  it('reach an app only from itself, or from a test outside the libs', () => {
    expect(
      offences(sourceFiles, (path, target) => {
        if (unitOf(target)?.startsWith('apps/') !== true || unitOf(path) === unitOf(target)) return false;
        return !path.startsWith('test/');
      }),
    ).toEqual(['libs/testing/sandbox.ts → ../../apps/sandbox/sandbox.js']);
  });

  it('reach the testing lib only from tests', () => {
    expect(offences(product, (_, target) => unitOf(target) === 'libs/testing')).toEqual([]);
  });

  it('leave the sandbox on its own: it shares no code with what it tests', () => {
    expect(
      offences(
        product,
        (path, target) => unitOf(path) === 'apps/sandbox' && unitOf(target) !== 'apps/sandbox',
      ),
    ).toEqual([]);
  });

  it('keep the folders of providers apart', () => {
    const folder = (path: string) => /^libs\/providers\/([^/]+)\//.exec(path)?.[1];
    expect(
      offences(sourceFiles, (path, target) => {
        const [from, to] = [folder(path), folder(target)];
        return from !== undefined && to !== undefined && from !== to;
      }),
    ).toEqual([]);
  });

  it('point to files that exist', () => {
    const known = new Set(sourceFiles.map(({ path }) => path));
    expect(offences(sourceFiles, (_, target) => target.endsWith('.ts') && !known.has(target))).toEqual([]);
  });

  it('bring TypeORM into the vault and nowhere else', () => {
    const users = sourceFiles.filter(({ imports }) =>
      imports.some((specifier) => /^(?:typeorm|@nestjs\/typeorm)(?:\/|$)/.test(specifier)),
    );
    expect(users.map(({ path }) => path).filter((path) => !path.startsWith('libs/vault/'))).toEqual([
      'ormconfig.ts',
    ]);
  });

  it('load the AWS SDK in one place, and there only once it is needed', () => {
    const users = sourceFiles.filter(({ imports }) =>
      imports.some((name) => /^@(?:aws-sdk|smithy)\//.test(name)),
    );
    expect(users.map(({ path }) => path)).toEqual(['libs/vault/encryption/aws-kms.ts']);
    expect(users.filter(({ text }) => /^import (?!type ).*'@(?:aws-sdk|smithy)\//m.test(text))).toEqual([]);
  });

  it('load OpenTelemetry in one place, and that only where traces are wanted', () => {
    const users = sourceFiles.filter(({ text }) => /^import (?!type ).*'@opentelemetry\//ms.test(text));
    const file = 'libs/observability/tracing/otlp-tracing.ts';
    expect(users.map(({ path }) => path)).toEqual([file]);
    const loaders = sourceFiles.filter(({ path, imports }) =>
      imports.some((specifier) => resolveImport(path, specifier) === file),
    );
    expect(loaders.map(({ path, text }) => [path, /^import .*otlp-tracing/m.test(text)])).toEqual([
      ['libs/observability/tracing/start-tracing.ts', false],
    ]);
  });

  it('bring neither Nest nor a database into the provider kit', () => {
    const packages = product
      .filter(({ path }) => path.startsWith('libs/provider-kit/'))
      .flatMap(({ imports }) => imports.filter((specifier) => !specifier.startsWith('.')));
    expect([...new Set(packages)]).toEqual(['zod']);
  });

  it('bring nothing but Node into the package for other programs', () => {
    const taken = product
      .filter(({ path }) => path.startsWith('libs/client/'))
      .flatMap(({ imports }) => imports.filter((specifier) => !specifier.startsWith('.')));
    expect([...new Set(taken)].filter((specifier) => !specifier.startsWith('node:'))).toEqual([]);
  });

  it('go round in no circle, neither between files nor between libs', () => {
    const files = new Map<string, Set<string>>();
    const units = new Map<string, Set<string>>();
    for (const { path, imports, isTest } of sourceFiles) {
      for (const specifier of imports) {
        const target = resolveImport(path, specifier);
        if (target === undefined) continue;
        add(files, path, target);
        const [from, to] = [unitOf(path), unitOf(target)];
        if (!isTest && from !== undefined && to !== undefined && from !== to) add(units, from, to);
      }
    }
    expect(findCycle(files)).toEqual([]);
    expect(findCycle(units)).toEqual([]);
  });
});

describe('findCycle', () => {
  it('finds a circle and its members, and none in a tree', () => {
    const graph = (edges: Record<string, string[]>) =>
      new Map(Object.entries(edges).map(([from, to]) => [from, new Set(to)]));
    expect(findCycle(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
    expect(findCycle(graph({ a: ['b'], b: ['c'], c: ['d'], d: ['b'] }))).toEqual(['b', 'c', 'd', 'b']);
    expect(findCycle(graph({ a: ['a'] }))).toEqual(['a', 'a']);
  });
});

function add(graph: Map<string, Set<string>>, from: string, to: string): void {
  const targets = graph.get(from) ?? new Set();
  graph.set(from, targets.add(to));
}
