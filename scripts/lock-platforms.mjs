/**
 * Completes package-lock.json with the platform builds of native packages (`@swc/core-darwin-arm64` and the like) that npm left out
 * because the registry at hand does not carry them. Without the entries `npm ci` refuses the lock, here and on those platforms.
 * Their content hash is unknown here, so npm verifies those packages by version alone.
 * `npm run lock:platforms` after adding or updating a package; `--check` only tells, exit code 1 when something is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './lib/project.mjs';

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const CPU = {
  x64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
};
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };
const MODULES = 'node_modules/';

/** Looks a package up as Node does: beside the one that asks, then in each folder above. */
function isLocked(packages, from, name) {
  for (let folder = from; ; ) {
    if (packages[`${folder === '' ? '' : `${folder}/`}${MODULES}${name}`]) return true;
    if (folder === '') return false;
    const above = folder.lastIndexOf(`/${MODULES}`);
    folder = above < 0 ? '' : folder.slice(0, above);
  }
}

/** Platform of a native build by its name, as in `@oxc-parser/binding-linux-arm-musleabihf`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = OS.find((each) => words.includes(each));
  const cpu = CPU[words.find((word) => word in CPU)];
  if (os === undefined || cpu === undefined)
    throw new Error(`${name}: its name tells no platform; add it to the lock by hand.`);
  const libc = os === 'linux' ? LIBC[words.find((word) => word in LIBC)] : undefined;
  return { cpu: [cpu], ...(libc && { libc: [libc] }), os: [os] };
}

function missingEntries(packages) {
  return Object.entries(packages).flatMap(([parent, { optionalDependencies, dev, license }]) =>
    Object.entries(optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, parent, name))
      .map(([name, version]) => {
        if (!/^\d+\.\d+\.\d+/.test(version))
          throw new Error(`${name}@${version}: not one version; add it to the lock by hand.`);
        const folder = parent.slice(0, parent.lastIndexOf(MODULES) + MODULES.length) || MODULES;
        const { cpu, libc, os } = platformOf(name);
        return [
          `${folder}${name}`,
          { version, cpu, ...(dev && { dev }), ...(libc && { libc }), license, optional: true, os },
        ];
      }),
  );
}

const path = join(projectRoot, 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
const missing = missingEntries(lock.packages);
if (process.argv.includes('--check')) {
  for (const [entry] of missing) console.error(`package-lock.json lacks ${entry}: run \`npm run lock:platforms\`.`);
  process.exitCode = missing.length > 0 ? 1 : 0;
} else {
  const entries = [...Object.entries(lock.packages), ...missing].sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(entries);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} platform packages added to package-lock.json.`);
}
