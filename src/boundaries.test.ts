/** Proves that the import rules can fail: each is broken on purpose in a small project of its own, and must be reported. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

/** File → what it imports, and the rule that forbids it (null: allowed). */
const IMPORTS: readonly [file: string, imported: string, rule: string | null][] = [
  ['src/core/a.ts', './b.js', null],
  ['src/core/package.ts', 'zod', 'core-is-pure'],
  ['src/core/host.ts', 'node:fs', 'core-is-pure'],
  ['src/core/port.ts', '../ports/journal.js', 'core-is-pure'],
  ['src/core/statistics/solve.ts', 'ml-matrix', null],
  ['src/core/statistics/other.ts', 'zod', 'statistics-know-linear-algebra'],
  ['src/core/algebra.ts', 'ml-matrix', 'core-is-pure'],
  ['src/core/nowhere.ts', './gone.js', 'no-unresolved'],
  ['src/core/some.test.ts', 'fast-check', null],
  ['src/ports/journal.ts', '../core/b.js', null],
  ['src/ports/driver.ts', 'node:fs', 'ports-know-only-core'],
  ['src/adapters/file/journal.ts', '../../ports/journal.js', null],
  ['src/adapters/file/other.ts', '../postgres/store.js', 'adapters-serve-ports'],
  ['src/adapters/file/config.ts', '../../config/config.js', 'adapters-serve-ports'],
  ['src/adapters/file/bus.ts', 'nats', 'nats-in-its-adapter'],
  ['src/adapters/postgres/store.ts', 'pg', null],
  ['src/config/config.ts', 'zod', null],
  ['src/engine/engine.ts', '../adapters/file/journal.js', 'engine-and-read-model-know-no-adapter'],
  ['src/engine/history.ts', '../read-model/projector.js', 'engine-is-not-the-read-model'],
  ['src/read-model/projector.ts', '../core/b.js', null],
  ['src/read-model/shell.ts', '../engine/free.js', 'read-model-is-not-the-engine'],
  ['src/engine/free.ts', '../core/b.js', null],
  ['src/calendar/scheduler.ts', '../engine/free.js', 'calendar-knows-core-and-ports'],
  ['src/graphql/context.ts', 'graphql', null],
  ['src/graphql/one.ts', '../../subgraphs/risk/risk.js', 'shared-graphql-knows-no-subgraph'],
  ['src/telemetry/logger.ts', '../engine/free.js', 'telemetry-and-config-are-leaves'],
  ['src/graphql/setting.ts', '../config/config.js', 'config-is-read-at-the-root'],
  ['src/runtime/embedded.ts', '../adapters/file/journal.js', null],
  ['src/ports/root.ts', '../runtime/embedded.js', 'roots-are-not-imported'],
  ['subgraphs/risk/risk.ts', '../../src/graphql/context.js', null],
  ['subgraphs/orders/neighbour.ts', '../risk/risk.js', 'subgraphs-are-islands'],
  ['subgraphs/orders/adapter.ts', '../../src/adapters/file/journal.js', 'subgraphs-are-islands'],
  ['subgraphs/orders/sql.ts', 'pg', 'postgres-in-its-adapter'],
  ['subgraphs/orders/services/place.ts', '../../../src/ports/journal.js', null],
  ['subgraphs/orders/resolvers/thin.ts', '../services/place.js', null],
  ['subgraphs/orders/resolvers/thick.ts', '../../../src/ports/journal.js', 'resolvers-are-thin'],
  ['router/gateway.ts', '../subgraphs/risk/risk.js', 'router-is-handed-its-subgraphs'],
  ['router/tool.ts', 'jest', 'no-development-packages-in-the-product'],
  ['router/stranger.ts', '@babel/core', 'no-undeclared-packages'],
  ['router/test-code.ts', '../src/core/some.test.js', 'no-tests-in-the-product'],
  ['src/core/b.ts', './c.js', null],
  ['src/core/c.ts', './d.js', 'no-cycles'],
  ['src/core/d.ts', './c.js', null],
];

describe('The import rules', () => {
  const project = mkdtempSync(join(tmpdir(), 'tradsys-boundaries-'));
  const broken = new Map<string, string[]>();

  beforeAll(() => {
    for (const name of ['node_modules', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      symlinkSync(join(root, name), join(project, name));
    }
    for (const [file, imported] of IMPORTS) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      writeFileSync(join(project, file), `import '${imported}';\nexport const x = 1;\n`);
    }
    const { stdout } = spawnSync(process.execPath, [cruiser, 'src', 'subgraphs', 'router', '--output-type', 'json'], {
      cwd: project,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
    });
    const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
    for (const { from, rule } of summary.violations) broken.set(from, [...(broken.get(from) ?? []), rule.name]);
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it.each(IMPORTS)('about %s importing %s say: %s', (file, _imported, rule) => {
    expect(broken.get(file) ?? []).toEqual(rule === null ? [] : expect.arrayContaining([rule]));
  });
});
