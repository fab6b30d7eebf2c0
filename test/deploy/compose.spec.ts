import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { readComposeFile, seconds } from './compose-file.js';
import { readDockerfile } from './dockerfile.js';
import { settingNames } from './setting-names.js';

const checkout = resolve(import.meta.dirname, '../..');
const compose = readComposeFile(join(checkout, 'docker-compose.yml'));
const stages = readDockerfile(join(checkout, 'Dockerfile'));
const services = Object.entries(compose.services);
const roles = ['api', 'worker'] as const;
const ours = services.filter(([, { build }]) => build !== undefined);

/** How the settings say it themselves: of these, a value never stands in a file that is committed. */
const secretName = /PASSWORD|SECRET|KEY|KEKS|TOKEN|(?<!PUBLIC)_URL$/;

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose Specification', () => {
    const schema = JSON.parse(
      readFileSync(join(checkout, 'node_modules/dclint/schemas/compose.schema.json'), 'utf8'),
    );
    const validate = new Ajv({
      strict: false,
      allErrors: true,
      validateFormats: false,
      validateSchema: false,
    }).compile(schema);
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { api: { imagine: 'x' } } })).toBe(false);
  });

  it('names only settings that exist', () => {
    const known = settingNames();
    const named = ours.flatMap(([, { environment = {} }]) => Object.keys(environment));
    expect(named.filter((name) => !known.has(name.replace(/_FILE$/, '')))).toEqual([]);
    expect(named.length).toBeGreaterThan(4);
  });

  it('holds no secret: each comes as a file that the service is given', () => {
    for (const [service, { environment = {}, secrets = [] }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (name.endsWith('_FILE')) {
          const given = secrets.map((secret) => `/run/secrets/${secret}`);
          expect([service, name, given.includes(value)]).toEqual([service, name, true]);
        } else expect([service, name, secretName.test(name)]).toEqual([service, name, false]);
      }
    }
    const used = services.flatMap(([, { secrets = [] }]) => secrets);
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.secrets).sort());
  });

  it.each(roles)('gives %s every setting that production requires', (role) => {
    const named = Object.keys(compose.services[role]?.environment ?? {});
    const required = [
      ...['DATABASE_URL_FILE', 'GRANTKEEPER_KEKS_FILE', 'GRANTKEEPER_BOOTSTRAP_KEY_FILE'],
      'GRANTKEEPER_PUBLIC_URL',
    ];
    expect(named).toEqual(expect.arrayContaining(required));
  });

  it('runs nothing of ours as root', () => {
    for (const [service, { user }] of ours) expect([service, user]).toEqual([service, '1000:1000']);
  });

  it('checks the health of everything that keeps running', () => {
    for (const [service, { healthcheck, build, restart }] of services) {
      const inherited = stages.get(build?.target ?? '')?.healthcheck ?? [];
      const checked = healthcheck === undefined ? inherited.length > 0 : healthcheck.test !== undefined;
      expect([service, checked]).toEqual([service, restart !== 'no']);
    }
  });

  it('starts api and worker only on a migrated database', () => {
    const conditionOf = (service: string, on: string) =>
      compose.services[service]?.depends_on?.[on]?.condition;
    expect(conditionOf('migrate', 'postgres')).toBe('service_healthy');
    for (const role of roles) expect(conditionOf(role, 'migrate')).toBe('service_completed_successfully');
  });

  it('restarts what should keep running, and the migration never', () => {
    const restarts = Object.fromEntries(services.map(([name, { restart }]) => [name, restart]));
    expect(restarts).toEqual({
      postgres: 'unless-stopped',
      migrate: 'no',
      api: 'unless-stopped',
      worker: 'unless-stopped',
    });
  });

  it.each(roles)('waits for the drain of %s', (role) => {
    const { environment = {}, stop_grace_period } = compose.services[role] ?? {};
    const upstreamSeconds = Number(environment['GRANTKEEPER_UPSTREAM_TIMEOUT_MS']) / 1_000;
    expect(seconds(stop_grace_period)).toBeGreaterThan(upstreamSeconds + 2);
  });

  it('publishes the api only, and only on this machine', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([['api', '127.0.0.1:3000:3000']]);
  });

  it('gives each replica a data directory of its own, so that the worker can be scaled', () => {
    for (const role of roles) {
      const dataDir = stages.get(role)?.env['GRANTKEEPER_DATA_DIR'];
      expect(compose.services[role]?.volumes).toEqual([dataDir]);
    }
  });
});
