/** The simulated world: its seeds hold, a seed repeats itself to the last happening, and a broken disk is found out. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..');
const SEEDS = 200;
/** Processes beside each other, each with its share of the seeds. */
const SHARES = 4;

interface Simulated {
  readonly ok: boolean;
  readonly results: readonly {
    readonly seed: number;
    readonly violation: string | null;
    readonly traceHash: string;
    readonly answered: number;
    readonly faults: Readonly<Record<string, number>>;
  }[];
}

async function simulate(...flags: string[]): Promise<{ code: number | null; told: Simulated }> {
  const child = spawn(process.execPath, ['scripts/simulate.mjs', '--json', ...flags], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, told: JSON.parse(output) as Simulated };
}

describe('npm run simulate', () => {
  it(`keeps every promise over ${SEEDS} seeds, under every fault`, async () => {
    const each = SEEDS / SHARES;
    const shares = await Promise.all(
      Array.from({ length: SHARES }, (_, at) => simulate('--seed', String(1 + at * each), '--seeds', String(each))),
    );
    const results = shares.flatMap(({ told }) => told.results);
    expect(results.filter(({ violation }) => violation !== null)).toEqual([]);
    expect(shares.map(({ code }) => code)).toEqual(Array.from({ length: SHARES }, () => 0));
    expect(results.map(({ seed }) => seed)).toEqual(Array.from({ length: SEEDS }, (_, at) => at + 1));
    expect(results.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThan(SEEDS * 50);
    const faults = new Set(results.flatMap((result) => Object.keys(result.faults)));
    expect([...faults].sort()).toEqual([
      'bus away',
      'bus wiped',
      'disk full',
      'kill client',
      'kill engine',
      'kill projector',
      'partition',
      'power cut',
      'sync fails',
    ]);
  }, 600_000);

  it('repeats a seed to the last happening', async () => {
    const [first, again, other] = await Promise.all([
      simulate('--seed', '7'),
      simulate('--seed', '6', '--seeds', '2'),
      simulate('--seed', '8'),
    ]);
    expect(again.told.results.at(-1)).toEqual(first.told.results[0]);
    expect(other.told.results[0]?.traceHash).not.toBe(first.told.results[0]?.traceHash);
  });

  it('finds out a disk that tells syncs as done and does none, at the same place each time', async () => {
    const flags = ['--seed', '1', '--seeds', '10', '--ignore-sync'];
    const [first, again] = await Promise.all([simulate(...flags), simulate(...flags)]);
    expect(first.code).toBe(1);
    expect(first.told.results.at(-1)?.violation).toMatch(/was acknowledged and is lost|does not read any more/);
    expect(again.told).toEqual(first.told);
  });
});
