/** Reads an overlay of deployments/kubernetes as `kustomize build` puts it together, as far as these files go: resources, images and patches. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

// biome-ignore lint/suspicious/noExplicitAny: manifests are shaped by Kubernetes
export type Manifest = any;

interface Patch {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

/** @throws Error that names the file or the path which is not there */
export function buildOverlay(folder: string): Manifest[] {
  const { resources = [], patches = [], images = [], namespace, configMapGenerator = [] } = readKustomization(folder);
  const manifests: Manifest[] = resources.flatMap((name: string) => {
    const path = join(folder, name);
    if (!existsSync(path)) throw new Error(`${folder}: there is no ${name}`);
    return name.endsWith('.yaml') ? readAll(path) : buildOverlay(path);
  });
  for (const { target, patch } of patches) {
    const meant = manifests.filter(
      ({ kind, metadata: { name } }) => kind === target.kind && new RegExp(`^(${target.name})$`).test(name),
    );
    if (meant.length === 0)
      throw new Error(`${folder}: a patch is for ${target.kind} ${target.name}, which is not there`);
    for (const manifest of meant) for (const step of parse(patch) as Patch[]) apply(manifest, step);
  }
  for (const { name, files } of configMapGenerator) {
    const data = Object.fromEntries(
      files.map((file: string) => [basename(file), readFileSync(join(folder, file), 'utf8')]),
    );
    manifests.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  }
  for (const { name, newName = name, newTag } of images) {
    for (const { containers } of manifests.flatMap(podSpecOf)) {
      for (const container of containers) if (container.image === name) container.image = `${newName}:${newTag}`;
    }
  }
  if (namespace !== undefined)
    for (const { kind, metadata } of manifests) if (kind !== 'Namespace') metadata.namespace = namespace;
  return manifests;
}

/** The pod of a workload; nothing of anything else. */
export function podSpecOf(manifest: Manifest): Manifest[] {
  const spec = manifest.spec?.template?.spec;
  return spec?.containers === undefined ? [] : [spec];
}

function readKustomization(folder: string): Manifest {
  return parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
}

function readAll(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${dirname(path)}: ${document.errors[0]?.message}`);
    return document.toJS();
  });
}

function apply(manifest: Manifest, { op, path, value }: Patch): void {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  const owner = steps.reduce((at, step) => at?.[step], manifest);
  if (owner === undefined || (op === 'replace' && owner[last] === undefined)) {
    throw new Error(`${manifest.kind} ${manifest.metadata.name} has no ${path}`);
  }
  owner[last] = value;
}
