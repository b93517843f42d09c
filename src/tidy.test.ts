/** The style of the repo that no linter knows, held as tests over its own files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git', '.tradsys', '__generated__']);
const HARD_LINE_LIMIT = 500;

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [relative(root, path).replaceAll('\\', '/')];
  });
}

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const files = filesUnder(root);
const code = files.filter((file) => /\.(ts|mjs|cjs|js)$/.test(file));
const documents = files.filter((file) => file.endsWith('.md'));
const isTest = (file: string) => /\.(test|contract|e2e)\.ts$|^e2e\/|\/testing\//.test(file);
const isTool = (file: string) => /^(scripts|bin|\.ci)\//.test(file) || !file.includes('/');

/** Comments out of the way, lines kept, so that a rule about code does not fire on prose. */
function withoutComments(source: string): string {
  return source.replaceAll(
    /\/\*[\s\S]*?\*\/|(^|[^:'"`])\/\/.*$/gm,
    (comment, before) => `${before ?? ''}${comment.replaceAll(/[^\n]/g, '')}`,
  );
}

/** Every place where a pattern stands, as `file:line: text`, for a message that can be acted upon. */
function places(inFiles: readonly string[], pattern: RegExp, prepare: (source: string) => string = (source) => source) {
  return inFiles.flatMap((file) =>
    prepare(read(file))
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe('The repo', () => {
  it('reads the environment only in src/config', () => {
    const shipped = code.filter((file) => !isTest(file) && !isTool(file) && !file.startsWith('src/config/'));
    expect(shipped.length).toBeGreaterThan(10);
    expect(places(shipped, /\bprocess\.env\b/, withoutComments)).toEqual([]);
  });

  it('keeps clocks and chance out of the core', () => {
    const core = code.filter((file) => file.startsWith('src/core/') && !isTest(file));
    expect(core.length).toBeGreaterThan(5);
    const forbidden =
      /\bnew Date\b|\bDate[.(]|\bMath\.random\b|\bperformance\.(?!js\b)|\bcrypto\.|\bglobalThis\b|\bIntl\b/;
    expect(places(core, forbidden, withoutComments)).toEqual([]);
  });

  it('skips no test and focuses none', () => {
    const tests = code.filter((file) => isTest(file) && file !== 'src/tidy.test.ts');
    expect(
      places(tests, /\b(?:it|test|describe)\.(?:skip|only|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/),
    ).toEqual([]);
  });

  it(`has no source file of more than ${HARD_LINE_LIMIT} lines`, () => {
    const long = code
      .map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > HARD_LINE_LIMIT);
    expect(long).toEqual([]);
  });

  it('leaves nothing half done in a comment', () => {
    const marks = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
    expect(places([...code, ...documents], marks)).toEqual([]);
  });

  it('switches no type check off', () => {
    const switches = new RegExp(`@ts-(?:${['ig' + 'nore', 'no' + 'check'].join('|')})|\\bas unknown as any\\b`);
    expect(places(code, switches)).toEqual([]);
  });

  it('names no path of one particular machine', () => {
    const folders = ['work', 'root', 'tmp', 'home', 'Users'];
    const machinePath = new RegExp(`['"\`\\s(=](?:/(?:${folders.join('|')})(?:/|['"\`\\s)]))`);
    expect(places(code, machinePath, withoutComments)).toEqual([]);
  });
});

describe('The documents', () => {
  const manifest = JSON.parse(read('package.json'));

  it('link only to what exists', () => {
    const broken = documents.flatMap((file) =>
      [
        ...read(file)
          .replaceAll(/```[\s\S]*?```/g, '')
          .matchAll(/\]\(([^)\s]+)\)/g),
      ]
        .map(([, target]) => target ?? '')
        .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
        .filter((target) => !existsSync(resolve(root, dirname(file), decodeURI(target.replace(/#.*$/, '')))))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('tell npm scripts and commands that exist', () => {
    const cli = code
      .filter((file) => file.startsWith('src/cli/'))
      .map(read)
      .join('\n');
    const wrong = documents.flatMap((file) => {
      const text = read(file);
      const scripts = [...text.matchAll(/\bnpm (?:run(?: --silent| -s)? ([\w:-]+)|(start|test)\b)/g)]
        .map(([, script, short]) => script ?? short ?? '')
        .filter((script) => manifest.scripts[script] === undefined);
      const commands = [...text.matchAll(/(?:npx |^\s*\$ )tradsys ([a-z][\w-]*)/gm)]
        .map(([, command]) => command ?? '')
        .filter((command) => !new RegExp(`\\.command\\(\\s*['"\`]${command}\\b`).test(cli));
      return [...scripts, ...commands].map((name) => `${file}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it('introduce every folder that holds code', () => {
    const folders = new Set(
      code.flatMap((file) => /^(src\/[^/]+|subgraphs|router|prisma|schema|e2e|bench)\//.exec(file)?.[1] ?? []),
    );
    const silent = [...folders].filter((folder) => !existsSync(join(root, folder, 'README.md')));
    expect(silent).toEqual([]);
  });

  it('promise the Node version that package.json asks for', () => {
    expect(manifest.engines.node).toMatch(/^>=\d+\.\d+$/);
    const major = /\d+/.exec(manifest.engines.node)?.[0];
    expect(read('.nvmrc').trim()).toBe(major);
  });
});

describe('The dependencies', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<
      string,
      {
        version?: string;
        license?: string;
        dev?: boolean;
        devOptional?: boolean;
        link?: boolean;
        integrity?: string;
        os?: string[];
        optionalDependencies?: Record<string, string>;
      }
    >;
  };
  const installed = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);

  it('are free to use and pass on in a product', () => {
    const allowed =
      /^\(?(?:0BSD|Apache-2\.0|BlueOak-1\.0\.0|BSD(?:-[23]-Clause)?|CC0-1\.0|CC-BY-4\.0|ISC|MIT(?:-0)?|PostgreSQL|Python-2\.0|Unlicense|WTFPL)\b/;
    const shipped = installed.filter(([, { dev, devOptional }]) => !dev && !devOptional);
    expect(shipped.length).toBeGreaterThan(50);
    const others = shipped
      .filter(([, { license }]) => !allowed.test(license ?? ''))
      .map(([path, { license }]) => `${path}: ${license}`);
    expect(others).toEqual([]);
  });

  it('are locked for every platform that they support', () => {
    const isLocked = (parent: string, name: string): boolean => {
      if (packages[`${parent ? `${parent}/` : ''}node_modules/${name}`]) return true;
      return parent !== '' && isLocked(parent.slice(0, Math.max(0, parent.lastIndexOf('/node_modules/'))), name);
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !isLocked(path, name)),
    );
    // `npm run lock:platforms` adds them.
    expect(missing).toEqual([]);
  });

  it('are pinned to one version and one content each', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
    const ranges = Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(ranges.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
    // A registry that lacks the build for another platform can't tell its hash either; only development tools are let off.
    const unverified = installed.filter(([, { integrity, dev, os }]) => !integrity && !(dev && os));
    expect(unverified.map(([path]) => path)).toEqual([]);
  });
});
