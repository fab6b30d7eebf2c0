import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { readComposeFile } from './compose-file.js';
import { readDockerfile } from './dockerfile.js';
import { checkout, readDocument } from './documents.js';

interface Locked {
  /** Where the package stands under another name. */
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Component {
  readonly 'bom-ref': string;
  readonly hashes?: readonly { readonly alg: string }[];
  readonly properties: readonly { readonly name: string }[];
}

/** By name and version, such as `@nestjs/core@12.5.1`. */
function lockedIn(file: string): [string, Locked][] {
  const { packages } = JSON.parse(readDocument(file)) as { packages: Record<string, Locked> };
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, locked]) => [
      `${locked.name ?? path.split('node_modules/').at(-1)}@${locked.version}`,
      locked,
    ]);
}

/** Why npm could take something else than was meant when this was locked. */
function flawOf({ integrity, resolved, link }: Locked): string | undefined {
  if (link) return 'comes from a folder';
  if (!integrity?.startsWith('sha512-')) return 'has no SHA-512';
  const registry = 'https://registry.npmjs.org/';
  return (resolved ?? registry).startsWith(registry) ? undefined : `comes from ${resolved}`;
}

describe.each(['package-lock.json', 'scripts/runtime/package-lock.json'])('%s', (file) => {
  it('locks each package to its hash, and to the registry of npm', () => {
    const flawed = lockedIn(file).map(([id, locked]) => [id, flawOf(locked)]);
    expect(flawed.filter(([, flaw]) => flaw !== undefined)).toEqual([]);
    expect(flawed.length).toBeGreaterThan(4);
  });
});

describe('install scripts', () => {
  it('run for no package: not under an npm that knows .npmrc alone, nor under one that asks for a list', () => {
    expect(readDocument('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    const { allowScripts } = JSON.parse(readDocument('package.json')) as {
      allowScripts: Record<string, boolean>;
    };
    const withScript = lockedIn('package-lock.json').filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = withScript.map(([id]) => id.slice(0, id.lastIndexOf('@')));
    expect(allowScripts).toEqual(Object.fromEntries(names.map((name) => [name, false])));
  });
});

describe('the base images', () => {
  it('are pinned by digest', () => {
    const stages = readDockerfile(join(checkout, 'Dockerfile'));
    const { services } = readComposeFile(join(checkout, 'docker-compose.yml'));
    const foreign = [
      ...[...stages.values()].map(({ base }) => base).filter((base) => !stages.has(base)),
      ...Object.values(services).flatMap(({ image, build }) => (build ? [] : [image])),
    ];
    for (const image of foreign) expect(image).toMatch(/^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
    expect(foreign).toHaveLength(2);
  });
});

describe('npm run sbom', () => {
  const made = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: checkout, encoding: 'utf8' });
  const bom = JSON.parse(made.stdout) as { specVersion: string; components: Component[] };

  it('writes CycloneDX that is valid by the schema of its version', () => {
    const fileOf = (name: string) =>
      JSON.parse(
        readFileSync(
          join(checkout, `node_modules/@cyclonedx/cyclonedx-library/res/schema/${name}.SNAPSHOT.schema.json`),
          'utf8',
        ),
      );
    const ajv = new Ajv({ strict: false, validateFormats: false });
    for (const name of ['spdx', 'jsf-0.82'])
      ajv.addSchema(fileOf(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    const validate = ajv.compile(fileOf(`bom-${bom.specVersion}`));
    validate(bom);
    expect(validate.errors).toBeNull();
    expect(Number(bom.specVersion)).toBeGreaterThanOrEqual(1.5);
    expect(validate({ ...bom, components: [{ name: 'without-type' }] })).toBe(false);
  });

  it('names each locked package with its hash, and says which ones serve development only', () => {
    const namesOf = (development: boolean) =>
      bom.components
        .filter(
          ({ properties }) =>
            properties.some(({ name }) => name === 'cdx:npm:package:development') === development,
        )
        .map((component) => component['bom-ref']);
    const locked = lockedIn('package-lock.json');
    const wanted = (development: boolean) =>
      new Set(locked.flatMap(([id, { dev = false }]) => (dev === development ? [id] : [])));
    expect(new Set(namesOf(false))).toEqual(wanted(false));
    expect(new Set(namesOf(true))).toEqual(wanted(true));
    const hashed = bom.components.filter(({ hashes }) => hashes?.[0]?.alg === 'SHA-512');
    expect(hashed).toHaveLength(bom.components.length);
  });
});
