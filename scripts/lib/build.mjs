/**
 * The build: every source of src/, subgraphs/, router/, bench/ and prisma/ goes to the same place under dist/, TypeScript as JavaScript with its
 * source map, anything else as it is. One layout for both, so that a path relative to a module holds in either tree.
 *
 * Incremental: dist/.build.json remembers size and time of each input; what is unchanged is not touched, what is gone is removed.
 * Types are not checked here (`npm run check` does): a start must not wait for that.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { withLocalBindings } from './local-bindings.mjs';
import { generatePrismaClientIfStale } from './prisma.mjs';
import { projectRoot } from './project.mjs';

const SOURCE_FOLDERS = ['src', 'subgraphs', 'router', 'bench', 'prisma', 'schema'];
const SINGLE_FILES = ['package.json'];
const LEFT_OUT = /\.(?:test|contract|e2e)\.ts$|\.d\.ts$|\.md$|(?:^|\/)(?:tsconfig\.json|\.inputs\.sha256)$/;
const dist = join(projectRoot, 'dist');
const manifestPath = join(dist, '.build.json');
const FORMAT = 1;

/** @returns {Promise<Map<string, string>>} path relative to the project (with `/`) → fingerprint of the input */
async function collectInputs() {
  const inputs = new Map();
  const visit = async (path) => {
    const name = relative(projectRoot, path).replaceAll('\\', '/');
    const info = await stat(path);
    if (!info.isDirectory()) {
      if (!LEFT_OUT.test(name)) inputs.set(name, `${info.size}:${info.mtimeMs}`);
      return;
    }
    await Promise.all((await readdir(path)).map((entry) => visit(join(path, entry))));
  };
  const roots = [...SOURCE_FOLDERS, ...SINGLE_FILES]
    .map((name) => join(projectRoot, name))
    .filter((path) => existsSync(path));
  await Promise.all(roots.map(visit));
  return inputs;
}

/** Whatever changes the output of every file: the compiler, its settings and this script. */
async function toolsHash() {
  const hash = createHash('sha256').update(`${FORMAT}`);
  for (const file of [
    '.swcrc',
    'scripts/lib/build.mjs',
    'scripts/lib/local-bindings.mjs',
    'node_modules/@swc/core/package.json',
  ]) {
    const path = join(projectRoot, file);
    if (existsSync(path)) hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

async function readManifest(tools) {
  try {
    const manifest = JSON.parse(await readFile(manifestPath, 'utf8'));
    if (manifest.tools === tools) return manifest.files;
  } catch (error) {
    if (error.code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  return {};
}

const outputsOf = (name) => {
  if (!name.endsWith('.ts')) return [join(dist, name)];
  const js = join(dist, `${name.slice(0, -3)}.js`);
  return [js, `${js}.map`];
};

/** Writes beside the target and renames: a process that starts meanwhile never loads half a module. */
async function replaceFile(path, write) {
  const temporary = `${path}.${process.pid}.tmp`;
  await write(temporary);
  await rename(temporary, path);
}

async function emit(name, swc, options) {
  const source = join(projectRoot, name);
  const [target, map] = outputsOf(name);
  await mkdir(dirname(target), { recursive: true });
  if (map === undefined) return replaceFile(target, (path) => copyFile(source, path));
  const sourceFileName = relative(dirname(target), source).replaceAll('\\', '/');
  const code = await readFile(source, 'utf8');
  const compiled = await swc
    .transform(code, { ...options, filename: source, sourceFileName, swcrc: false })
    .catch((error) => {
      throw new Error(`${name} does not compile.\n${error.message.split(/\n\s*Caused by:/)[0]}`, { cause: error });
    });
  const link = `\n//# sourceMappingURL=${target.slice(dirname(target).length + 1)}.map\n`;
  await replaceFile(map, (path) => writeFile(path, compiled.map));
  const output = name.startsWith('src/core/') ? withLocalBindings(compiled.code, name) : compiled.code;
  await replaceFile(target, (path) => writeFile(path, output.trimEnd() + link));
}

async function loadCompiler() {
  try {
    const swc = await import('@swc/core');
    return swc.default ?? swc;
  } catch (error) {
    throw new Error('The build needs the development dependencies: run `npm ci` in the project folder.', {
      cause: error,
    });
  }
}

/**
 * Brings dist/ up to date.
 * @param {{ log?: (line: string) => void }} [options] log gets one line when something was built
 * @returns {Promise<{ written: number, removed: number }>} how many inputs were built anew, and how many are gone
 * @throws Error when a file doesn't compile or dist/ can't be written
 */
export async function build({ log = () => {} } = {}) {
  const startedMs = performance.now();
  if (await generatePrismaClientIfStale()) log('Generated the database client.');
  const [inputs, tools] = await Promise.all([collectInputs(), toolsHash()]);
  const known = await readManifest(tools);
  const stale = [...inputs.keys()].filter((name) => known[name] !== inputs.get(name));
  const gone = Object.keys(known).filter((name) => !inputs.has(name));
  if (stale.length === 0 && gone.length === 0) return { written: 0, removed: 0 };

  const swc = stale.some((name) => name.endsWith('.ts')) ? await loadCompiler() : undefined;
  const options = JSON.parse(await readFile(join(projectRoot, '.swcrc'), 'utf8'));
  await Promise.all(gone.flatMap(outputsOf).map((path) => rm(path, { force: true })));
  await Promise.all(stale.map((name) => emit(name, swc, options)));
  await replaceFile(manifestPath, (path) =>
    writeFile(path, JSON.stringify({ tools, files: Object.fromEntries(inputs) })),
  );
  log(`Built ${stale.length} files in ${((performance.now() - startedMs) / 1000).toFixed(1)} s.`);
  return { written: stale.length, removed: gone.length };
}
