/**
 * The files that deploy the platform, held to what they say: schemas of compose and Kubernetes, variables that the
 * configuration knows, what each role cannot start without, and what every container is held to.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Ajv, type SchemaObject } from 'ajv';
import formats from 'ajv-formats';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';
import { ENVIRONMENT_VARIABLES } from './config.js';
import { fileVariable, SECRET_VARIABLES } from './secret-files.js';
import { missingForRole, ROLES, type Role } from './services.js';
import { buildOverlay, type Manifest, podSpecOf } from './testing/kustomize.js';

const project = resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const read = (path: string) => readFileSync(join(project, path), 'utf8');
const isPinned = (image: string) => /^[\w./-]+:v?\d[\w.-]*$/.test(image);

/** What a role is given, with secrets from files as if they were there. */
function complete(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all = { ...given };
  for (const name of SECRET_VARIABLES) {
    const file = fileVariable(name);
    if (all[file] !== undefined) all[name] = 'x'.repeat(32);
  }
  return all;
}

function expectStartable(role: Role, given: Readonly<Record<string, unknown>>): void {
  expect(Object.keys(given).filter((name) => !ENVIRONMENT_VARIABLES.includes(name))).toEqual([]);
  const all = complete(given);
  expect(missingForRole(role, all)).toEqual([]);
  if (role === 'accounts') expect(all.TRADSYS_JWT_SECRET).toBeDefined();
}

describe('docker-compose.yml', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true });
  const services: [string, Manifest][] = Object.entries(compose.services);
  const roles = services.filter(([, { environment }]) => environment?.TRADSYS_ROLE !== undefined);

  it('is valid by the schema of compose files, and has none of the linter’s errors', () => {
    const schema = JSON.parse(
      readFileSync(join(dirname(require.resolve('dclint/package.json')), 'schemas/compose.schema.json'), 'utf8'),
    ) as SchemaObject;
    // The id of draft 7 is written with http.
    schema.$schema = 'http://json-schema.org/draft-07/schema#';
    const ajv = new Ajv({ strict: false, allErrors: true });
    (formats as unknown as (ajv: Ajv) => void)(ajv);
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    const results = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] } as never).lintFiles(
      [join(project, 'docker-compose.yml')],
      false,
    );
    expect(
      results.flatMap(({ messages }: Manifest) => messages).filter(({ type }: Manifest) => type === 'error'),
    ).toEqual([]);
  });

  it('has every role, engines twice, each with all that it needs and no variable that the configuration does not know', () => {
    const names = roles.map(([, { environment }]) => environment.TRADSYS_ROLE).sort();
    expect(names).toEqual([...ROLES, 'engine'].sort());
    for (const [, { environment }] of roles) expectStartable(environment.TRADSYS_ROLE, environment);
    const engines = roles.filter(([, { environment }]) => environment.TRADSYS_ROLE === 'engine');
    expect(new Set(engines.map(([, { environment }]) => environment.TRADSYS_ENGINE_ID)).size).toBe(2);
  });

  it('takes secrets from files only, each of them declared and made by the script', () => {
    const script = read('deployments/make-secrets.sh');
    for (const [name, { secrets = [], environment = {} }] of services) {
      const sources = secrets.map((secret: Manifest) => secret.source ?? secret);
      for (const source of sources)
        expect({ name, source, known: compose.secrets[source] !== undefined }).toMatchObject({ known: true });
      for (const [variable, value] of Object.entries(environment)) {
        const secret = /^\/run\/secrets\/(.*)$/.exec(String(value))?.[1];
        if (secret !== undefined) expect(sources).toContain(secret);
        else expect(variable).not.toMatch(/PASSWORD|SECRET|DATABASE_URL/);
      }
    }
    for (const [name, { file }] of Object.entries<{ file: string }>(compose.secrets)) {
      expect(file).toBe(`./deployments/secrets/${name}`);
      expect(script).toContain(name.replace(/^nats_password_.*/, 'nats_password_$role'));
    }
    expect(read('.gitignore')).toContain('deployments/secrets/');
    expect(read('.dockerignore').split('\n')).toContain('*');
  });

  it('holds every container: pinned, limited, without root, with a file system that is only read, and asked for its health', () => {
    for (const [name, service] of services) {
      expect({ name, pinned: isPinned(service.image) }).toEqual({ name, pinned: true });
      expect({ name, readOnly: service.read_only, drop: service.cap_drop }).toEqual({
        name,
        readOnly: true,
        drop: ['ALL'],
      });
      expect(service.security_opt).toContain('no-new-privileges:true');
      expect(service.deploy.resources.limits).toEqual({
        cpus: expect.any(String),
        memory: expect.any(String),
        pids: expect.any(Number),
      });
      const once = service.restart === 'no';
      if (!once)
        expect({ name, healthcheck: service.healthcheck?.test }).toEqual({ name, healthcheck: expect.any(Array) });
      // What hands a new volume over to its user is root for that moment, with no network and one capability.
      if (service.user === '0:0')
        expect(service).toMatchObject({ network_mode: 'none', cap_add: ['CHOWN'], restart: 'no' });
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('mounts files that are there', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume: string) => volume.split(':')[0]));
    // What Prometheus and Grafana read comes with the metrics.
    const own = (from: string) => from.startsWith('./') && !/prometheus|grafana/.test(from);
    for (const path of mounted.filter(own)) {
      expect({ path, exists: existsSync(join(project, path)) }).toEqual({ path, exists: true });
    }
  });
});

describe('Dockerfile', () => {
  it('builds in one stage and runs in another, without developers’ packages, as no root, from folders that are there', () => {
    const lines = read('Dockerfile').split('\n');
    const stages = lines.filter((line) => line.startsWith('FROM '));
    expect(stages.length).toBeGreaterThan(1);
    for (const stage of stages) expect(stage).toMatch(/^FROM node:20\.\d+\.\d+-bookworm-slim/);
    const last = lines.slice(lines.lastIndexOf(stages.at(-1) ?? ''));
    expect(lines.join('\n')).toContain('npm ci --omit=dev');
    expect(last).toContain('USER 10001:10001');
    expect(last.find((line) => line.startsWith('ENTRYPOINT'))).toContain('["/usr/bin/tini", "--",');
    for (const [, from = ''] of last.join('\n').matchAll(/^COPY --from=build \/app\/(\S+)/gm)) {
      if (from !== 'dist') expect({ from, exists: existsSync(join(project, from)) }).toEqual({ from, exists: true });
    }
  });
});

describe.each(['dev', 'prod'])('deployments/kubernetes, overlay %s', (overlay) => {
  const manifests = buildOverlay(join(project, 'deployments/kubernetes/overlays', overlay));
  const pods = manifests.flatMap((manifest) => podSpecOf(manifest).map((spec) => ({ manifest, spec })));
  const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
  const roles = pods.filter(({ spec }) => spec.containers[0].image.includes('tradsys:'));

  it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest]))(
    '%s is valid',
    (_name, manifest) => {
      const from = manifest.apiVersion.startsWith('monitoring.coreos.com')
        ? '@kubernetes-models/prometheus-operator'
        : 'kubernetes-models';
      const Model = require(`${from}/${manifest.apiVersion}/${manifest.kind}`)[manifest.kind];
      expect(() => new Model(manifest).validate()).not.toThrow();
    },
  );

  it('has every role, each with all that it needs and no variable that the configuration does not know', () => {
    const config = ofKind('ConfigMap').find(({ metadata: { name } }) => name === 'tradsys')?.data;
    const seen = roles.flatMap(({ spec }) => {
      const environment = Object.fromEntries(
        spec.containers[0].env.map(({ name, value }: Manifest) => [name, value ?? 'x'.repeat(32)]),
      );
      const role = environment.TRADSYS_ROLE as Role | undefined;
      if (role === undefined) return [];
      expectStartable(role, { ...config, ...environment });
      return [role];
    });
    expect(seen.sort()).toEqual([...ROLES].sort());
    for (const role of ROLES.filter((name) => name !== 'engine' && name !== 'projector' && name !== 'router')) {
      expect(config[`TRADSYS_${role.replace('-', '_').toUpperCase()}_URL`]).toBe(`http://${role}:4000`);
    }
  });

  it('holds every container: pinned, limited, without root, with a file system that is only read, and probed', () => {
    for (const { manifest, spec } of pods) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.automountServiceAccountToken).toBe(false);
      for (const container of spec.containers) {
        expect({ image: container.image, pinned: isPinned(container.image) || overlay === 'dev' }).toMatchObject({
          pinned: true,
        });
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const kind of ['requests', 'limits']) {
          expect(container.resources[kind]).toEqual({ cpu: expect.anything(), memory: expect.any(String) });
        }
        if (manifest.kind === 'Job') continue;
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
          expect(container).toHaveProperty(probe);
      }
    }
  });

  it('has selectors that select, names that lead somewhere, and nothing open that is not named', () => {
    const labels = pods.map(({ manifest }) => manifest.spec.template.metadata.labels);
    const selects = (selector: Record<string, string>) =>
      labels.filter((each) => Object.entries(selector).every(([key, value]) => each[key] === value)).length;
    for (const { spec } of ofKind('Service')) expect(selects(spec.selector)).toBe(1);
    for (const { spec } of ofKind('PodDisruptionBudget')) expect(selects(spec.selector.matchLabels)).toBe(1);
    const services = ofKind('Service').map(({ metadata: { name } }) => name);
    for (const { spec } of ofKind('StatefulSet')) expect(services).toContain(spec.serviceName);
    for (const { spec } of ofKind('Ingress')) {
      for (const rule of spec.rules) {
        for (const { backend } of rule.http.paths) expect(services).toContain(backend.service.name);
        expect(spec.tls[0].hosts).toContain(rule.host);
      }
    }
    for (const { spec } of ofKind('HorizontalPodAutoscaler')) {
      expect(ofKind('Deployment').map(({ metadata: { name } }) => name)).toContain(spec.scaleTargetRef.name);
    }
    const policies = ofKind('NetworkPolicy');
    expect(
      policies.find(({ spec }) => Object.keys(spec.podSelector).length === 0 && spec.ingress === undefined)?.spec
        .policyTypes,
    ).toEqual(['Ingress', 'Egress']);
    const components = new Set(labels.map((each) => each['app.kubernetes.io/component']));
    for (const [value] of JSON.stringify(policies).matchAll(/(?<="values":\[)[^\]]*/g)) {
      for (const component of JSON.parse(`[${value}]`)) expect(components).toContain(component);
    }
  });
});
