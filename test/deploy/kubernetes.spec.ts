import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { loadSettings } from '#config';
import { metricsText } from '#observability';
import { HealthController as ApiHealth } from '../../apps/api/health/health.controller.js';
import { HealthController as WorkerHealth } from '../../apps/worker/health.controller.js';
import { readDockerfile } from './dockerfile.js';
import { checkout, readDocument } from './documents.js';
import { settingNames } from './setting-names.js';

// biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds are walked by hand
type Manifest = any;

const folder = 'deploy/kubernetes/base';
const kustomization = parse(readDocument(`${folder}/kustomization.yaml`));
const documentsOf = (path: string): Manifest[] =>
  parseAllDocuments(readDocument(path)).map((doc) => doc.toJS());
const manifests: Manifest[] = kustomization.resources.flatMap((name: string) =>
  documentsOf(`${folder}/${name}`),
);
const named = (kind: string, name: string): Manifest =>
  manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
const stages = readDockerfile(join(checkout, 'Dockerfile'));
const settings = loadSettings({ GRANTKEEPER_KEKS: `k1:${Buffer.alloc(32).toString('base64')}` });
const roles = [
  { role: 'api', workload: named('Deployment', 'grantkeeper-api'), port: settings.port, health: ApiHealth },
  {
    role: 'worker',
    workload: named('StatefulSet', 'grantkeeper-worker'),
    port: settings.workerPort,
    health: WorkerHealth,
  },
] as const;
const migrate = named('Job', 'grantkeeper-migrate');
const podOf = (workload: Manifest) => workload.spec.template.spec;
const pods: Manifest[] = [...roles.map(({ workload }) => workload), migrate].map(podOf);
const literals = Object.fromEntries(
  kustomization.configMapGenerator[0].literals.map((line: string) => line.split(/=(.*)/s).slice(0, 2)),
);
const environmentOf = (pod: Manifest): string[] =>
  pod.containers[0].env.map(({ name }: { name: string }) => name);

/** Paths that Nest serves by GET. */
function pathsOf({ prototype }: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(prototype)
    .map((name) => Reflect.getMetadata('path', Reflect.get(prototype, name) as object) as unknown)
    .filter((path) => typeof path === 'string')
    .map((path) => `/${path}`);
}

describe('the kustomize base', () => {
  it('lists every file there is', () => {
    const files = readdirSync(join(checkout, folder)).filter((name) => name !== 'kustomization.yaml');
    expect(files.sort()).toEqual([...kustomization.resources].sort());
  });

  it('is built by kubectl, where it is installed, into what its files declare', () => {
    const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], {
      cwd: checkout,
      encoding: 'utf8',
    });
    if (status === null)
      return void process.stdout.write('kubectl is not installed: the base was parsed, and not built\n');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const built: Manifest[] = parseAllDocuments(stdout).map((doc) => doc.toJS());
    const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
    const [config, ...others] = built.map(nameOf).sort();
    expect(config).toMatch(/^ConfigMap grantkeeper-\w{10}$/);
    expect(others).toEqual(manifests.map(nameOf).sort());
    for (const { spec, kind } of built.filter((manifest) => manifest.spec?.template)) {
      const [{ image, envFrom }] = spec.template.spec.containers;
      const tagged = kustomization.images.map(({ name, newTag }: Manifest) => `${name}:${newTag}`);
      expect(tagged).toContain(image);
      if (kind !== 'Job') expect(`ConfigMap ${envFrom[0].configMapRef.name}`).toBe(config);
      expect(spec.template.metadata.labels).toMatchObject(kustomization.labels[0].pairs);
    }
  });

  it('names only settings that exist, and takes those that production requires', () => {
    const known = settingNames();
    const all = [...pods.flatMap(environmentOf), ...Object.keys(literals)];
    expect(all.filter((name) => !known.has(name.replace(/_FILE$/, '')))).toEqual([]);
    expect(Object.keys(literals)).toContain('GRANTKEEPER_PUBLIC_URL');
    for (const { workload } of roles) {
      expect(environmentOf(podOf(workload))).toEqual([
        'DATABASE_URL_FILE',
        'GRANTKEEPER_KEKS_FILE',
        'GRANTKEEPER_BOOTSTRAP_KEY_FILE',
      ]);
      expect(podOf(workload).containers[0].envFrom).toEqual([{ configMapRef: { name: 'grantkeeper' } }]);
    }
    expect(environmentOf(podOf(migrate))).toEqual(['DATABASE_URL_FILE']);
  });

  it('holds no secret: each comes as a file of a Secret that is mounted, and docs say how it is made', () => {
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
    const made = readDocument('docs/kubernetes.md');
    for (const { containers, volumes } of pods) {
      const [{ env, volumeMounts }] = containers;
      const { mountPath } = volumeMounts.find(({ name }: Manifest) => name === 'secrets');
      const { secretName } = volumes.find(({ name }: Manifest) => name === 'secrets').secret;
      const command = made.split('\n').find((line) => line.includes(`create secret generic ${secretName} `));
      for (const { name, value } of env) {
        expect([name, name.endsWith('_FILE'), value.startsWith(`${mountPath}/`)]).toEqual([name, true, true]);
        expect(command).toContain(`secrets/${value.slice(mountPath.length + 1)}`);
      }
    }
  });

  it.each(roles)(
    'asks the health of the $role where it is served, and waits for its drain',
    ({ role, workload, port, health }) => {
      const pod = podOf(workload);
      const [container] = pod.containers;
      expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
      expect(container.livenessProbe.httpGet).toEqual({ path: '/livez', port: 'http' });
      expect(container.startupProbe.httpGet).toEqual({ path: '/livez', port: 'http' });
      expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' });
      expect(pathsOf(health)).toEqual(expect.arrayContaining(['/livez', '/readyz']));
      const upstreamSeconds = Number(literals.GRANTKEEPER_UPSTREAM_TIMEOUT_MS) / 1_000;
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(upstreamSeconds + 2);
      const data = container.volumeMounts.find(({ name }: Manifest) => name === 'data');
      expect(data.mountPath).toBe(stages.get(role)?.env['GRANTKEEPER_DATA_DIR']);
      expect(kustomization.images.map(({ name }: Manifest) => name)).toContain(container.image);
    },
  );

  it('runs nothing as root, nor with a disk to write to but its own', () => {
    for (const { securityContext, automountServiceAccountToken, containers } of pods) {
      expect(`${securityContext.runAsUser}:${securityContext.runAsGroup}`).toBe(stages.get('api')?.user);
      expect([securityContext.runAsNonRoot, automountServiceAccountToken]).toEqual([true, false]);
      expect(containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('keeps the journal of each worker', () => {
    const { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy } = named(
      'StatefulSet',
      'grantkeeper-worker',
    ).spec;
    expect(volumeClaimTemplates.map(({ metadata }: Manifest) => metadata.name)).toEqual(['data']);
    expect(persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' });
  });

  it('migrates as the image does', () => {
    expect(podOf(migrate).containers[0].command).toEqual(['node', 'scripts/migrate.ts']);
  });

  it('selects only pods that there are', () => {
    const labels = [...roles.map(({ workload }) => workload), migrate].map(
      ({ spec }) => spec.template.metadata.labels,
    );
    const selectors: object[] = manifests.flatMap(({ kind, spec }) => {
      if (kind === 'Service') return [spec.selector];
      if (kind === 'NetworkPolicy') return [spec.podSelector.matchLabels];
      return spec.selector ? [spec.selector.matchLabels] : [];
    });
    const partOf = kustomization.labels[0].pairs;
    const selected = (selector: object) =>
      labels.some((own) => Object.entries(selector).every(([name, value]) => own[name] === value));
    expect(
      selectors.filter(
        (selector) => !selected(selector) && JSON.stringify(selector) !== JSON.stringify(partOf),
      ),
    ).toEqual([]);
    // A policy for all of them needs their label on the pods too.
    expect(kustomization.labels[0].includeTemplates).toBe(true);
  });

  it('lets in and out what the ports of the code are, and scales by a metric that exists', async () => {
    const ingress = (name: string) => named('NetworkPolicy', name).spec.ingress[0].ports[0].port;
    expect([ingress('grantkeeper-api'), ingress('grantkeeper-worker')]).toEqual([
      settings.port,
      settings.workerPort,
    ]);
    for (const { role, workload } of roles) {
      const { scaleTargetRef, metrics } = named('HorizontalPodAutoscaler', `grantkeeper-${role}`).spec;
      expect([scaleTargetRef.kind, scaleTargetRef.name]).toEqual([workload.kind, workload.metadata.name]);
      const metric = metrics[0].external?.metric.name;
      if (metric !== undefined) expect(await metricsText()).toContain(`# TYPE ${metric} gauge`);
      expect(named('PodDisruptionBudget', `grantkeeper-${role}`).spec.maxUnavailable).toBe(1);
    }
  });
});

it('the example of a token as a Secret keeps the rule for min_ttl', () => {
  const [webhook, secret] = documentsOf('deploy/kubernetes/examples/external-secret.yaml');
  const minTtl = Number(new URL(webhook.spec.url).searchParams.get('min_ttl'));
  const minutes = Number(/^(\d+)m$/.exec(secret.spec.refreshInterval)?.[1]);
  expect(minTtl).toBeGreaterThanOrEqual(minutes * 60 + 120);
  expect(secret.spec.dataFrom[0].sourceRef.generatorRef).toMatchObject({
    kind: webhook.kind,
    name: webhook.metadata.name,
  });
});
