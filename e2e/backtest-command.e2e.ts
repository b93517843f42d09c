import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..');
const DATA = resolve(PROJECT, '../shared/data');
const isThere = existsSync(DATA);
if (!isThere) process.stdout.write(`${DATA} is missing: backtests on recorded data are left out\n`);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function tradsys(...args: string[]): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['bin/tradsys.mjs', ...args], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    });
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      text.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      text.err += chunk;
    });
    child.once('close', (code) => done({ code, ...text }));
  });
}

const PAIRS = `
strategy:
  type: PAIRS_TRADING
  symbols: [EWA, EWC]
  parameters: { interval: D1, orderQty: 100, window: 250, reestimateBars: 20, entryZ: 1.5, maxPValue: 0.5 }
data:
  interval: D1
  candles: { EWA: ${DATA}/ohlcv/EWA.csv, EWC: ${DATA}/ohlcv/EWC.csv }
initialCash: 100000
takerFeeBps: 1
`;

describe('tradsys backtest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradsys-backtest-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('says which field of its file is wrong', async () => {
    const { code, err } = await tradsys('backtest', write('bad.yaml', PAIRS.replace('initialCash: 100000', 'cash: 1')));
    expect(code).toBe(2);
    expect(err).toMatch(/initialCash/);
    const parameter = await tradsys('backtest', write('worse.yaml', PAIRS.replace('window: 250', 'window: 2')));
    expect(parameter.code).toBe(2);
    expect(parameter.err).toMatch(/strategy\.parameters\.window: must be >= 20/);
    expect((await tradsys('backtest', join(folder, 'none.yaml'))).code).toBe(2);
    const torn = await tradsys('backtest', write('torn.yaml', 'strategy: { type: [TWAP\n  - symbols: "KO'));
    expect(torn.code).toBe(2);
    expect(torn.err).toMatch(/torn\.yaml: /);
    expect(torn.err).not.toMatch(/at .*\.js:/);
    const values = Array.from({ length: 40 }, (_, at) => 1 + at / 100).join(', ');
    const grid = `grid: { entryZ: [${values}], exitZ: [${values}] }\n`;
    const large = await tradsys('backtest', write('large.yaml', PAIRS + grid));
    expect(large.code).toBe(2);
    expect(large.err).toMatch(/grid: more than 1000 combinations/);
  });

  it('takes any symbol, tells how much it left out, and shows what it was given as text', async () => {
    const start = Date.UTC(2024, 0, 1);
    const bars = Array.from({ length: 120 }, (_, index) => {
      const px = 50 + Math.min(index, 120 - index) / 10;
      return `${new Date(start + index * 60_000).toISOString()},${px},${px + 0.02},${px - 0.02},${px},500000000`;
    });
    // Volumes of a whole market, and thirty bars twice.
    write('minute.csv', ['time,open,high,low,close,volume', ...bars, ...bars.slice(0, 30)].join('\n'));
    const file = write(
      'any.yaml',
      `strategy:
  type: MOMENTUM
  symbols: [CASH]
  parameters: { interval: M1, orderQty: 10, lookback: 3 }
data: { interval: M1, candles: { CASH: minute.csv } }
initialCash: 1000000000
participation: 1
# </pre><script>alert(1)</script>
`,
    );
    const page = join(folder, 'any.html');
    const { code, err, out } = await tradsys('backtest', file, '--html', page);
    expect(err).toMatch(/left out: 10 more lines, 30 in all/);
    expect(code).toBe(0);
    expect(out).toMatch(/fills +[1-9]/);
    expect(readFileSync(page, 'utf8')).toMatch(/&lt;script&gt;alert/);
    expect(readFileSync(page, 'utf8')).not.toMatch(/<script/);
    const lower = await tradsys('backtest', write('lower.yaml', PAIRS.replace('[EWA, EWC]', '[ewa, EWC]')));
    expect(lower.err).toMatch(/strategy\.symbols\.0: takes 1 to 32 characters of A-Z/);
    const nowhere = await tradsys('backtest', file, '--html', join(folder, 'none', 'any.html'));
    expect(nowhere.code).toBe(1);
    expect(nowhere.err).toMatch(/--html: .* cannot be written/);
    expect(nowhere.err).not.toMatch(/ at .*\.js:/);
  });

  it('replays an L3 recording, the same on every run, and tells the rows that it left out', async () => {
    const rows = ['timestamp,action,order_id,side,price,size'];
    for (let n = 0; n < 300; n += 1) {
      const time = new Date(Date.UTC(2026, 0, 2, 9, 30) + n * 100).toISOString();
      const side = n % 2 === 0 ? 'buy' : 'sell';
      const price = (side === 'buy' ? 9998 - (n % 5) : 10002 + (n % 5)) / 100;
      rows.push(`${time},add,${n},${side},${price.toFixed(2)},10`);
      if (n >= 20) rows.push(n % 3 === 0 ? `${time},fill,${n - 20},,,10` : `${time},cancel,${n - 20},,,`);
    }
    rows.splice(100, 0, '2026-01-02T09:30:04Z,swap,1,buy,100.00,10');
    write('flow.csv', rows.join('\n'));
    const file = write(
      'l3.yaml',
      `
strategy:
  type: MARKET_MAKING
  symbols: [XYZ]
  parameters: { orderQty: 10, maxInventory: 100, refreshMs: 50, levels: 2 }
data: { l3: flow.csv }
initialCash: 1000000
latencyMs: 1
`,
    );
    const reports = [];
    for (let run = 0; run < 2; run += 1) {
      const { code, out, err } = await tradsys('backtest', file, '--json');
      expect(code).toBe(0);
      expect(err).toMatch(/flow\.csv:101: action "swap" is none of add, cancel, modify, trade, fill, clear/);
      reports.push((JSON.parse(out) as { report: { stateHash: string; commands: number; tradeCount: number } }).report);
    }
    expect(reports[0]?.commands).toBeGreaterThan(580);
    expect(reports[0]?.tradeCount).toBeGreaterThan(0);
    expect(reports[1]).toEqual(reports[0]);
    write('flow.csv', `${rows[0]}\n2026-01-02T09:30:00Z,add,1,buy,100.005,10\n`);
    const none = await tradsys('backtest', file);
    expect(none.code).toBe(1);
    expect(none.err).toMatch(/holds no orders that can be read\n.*flow\.csv:2: price/);
  }, 60_000);

  if (isThere) {
    it('says which quantity the instrument does not take', async () => {
      const { code, err } = await tradsys(
        'backtest',
        write('part.yaml', PAIRS.replace('orderQty: 100', 'orderQty: 0.5')),
      );
      expect(code).toBe(2);
      expect(err).toMatch(/strategy\.parameters\.orderQty: 0\.5 is below the smallest order of EWA: 1/);
    });

    it('runs a pair on five years of bars, the same on every run, and writes a report', async () => {
      const file = write('pairs.yaml', PAIRS);
      const html = join(folder, 'report.html');
      const [text, json] = await Promise.all([
        tradsys('backtest', file, '--html', html),
        tradsys('backtest', file, '--json'),
      ]);
      expect(text.err).not.toMatch(/left out/);
      expect(text.code).toBe(0);
      const { report } = JSON.parse(json.out) as {
        report: { stateHash: string; tradeCount: number; equityCurve: unknown[] };
      };
      expect(report.tradeCount).toBeGreaterThan(0);
      expect(text.out).toContain(report.stateHash);
      expect(text.out).toMatch(/┤/);
      const page = readFileSync(html, 'utf8');
      expect(page).toMatch(/<svg[\s\S]*<svg/);
      expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3)/);
    });

    it('runs every combination of a grid', async () => {
      const file = write('grid.yaml', `${PAIRS}grid: { entryZ: [1.2, 1.5, 2], maxPValue: [0.5, 0.9] }\n`);
      const { code, out } = await tradsys('backtest', file, '--json', '--threads', '2');
      expect(code).toBe(0);
      const runs = JSON.parse(out) as { parameters: { entryZ: number }; report: { stateHash: string } }[];
      expect(runs.map(({ parameters }) => parameters.entryZ)).toEqual([1.2, 1.2, 1.5, 1.5, 2, 2]);
      expect(new Set(runs.map(({ report }) => report.stateHash)).size).toBeGreaterThan(1);
    });

    it('replays recorded orders with market making in the queue', async () => {
      const file = write(
        'lobster.yaml',
        `
strategy:
  type: MARKET_MAKING
  symbols: [AAPL]
  parameters: { orderQty: 10, maxInventory: 100, refreshMs: 50, levels: 2 }
data:
  lobster:
    messages: ${DATA}/lobster/AAPL_2012-06-21_message_10_first.csv
    book: ${DATA}/lobster/AAPL_2012-06-21_orderbook_10_first.csv
instruments: { AAPL: { tickSize: "0.0001" } }
initialCash: 1000000
latencyMs: 1
`,
      );
      const { code, out, err } = await tradsys('backtest', file, '--json');
      expect(err).toBe('');
      expect(code).toBe(0);
      const { report } = JSON.parse(out) as { report: { commands: number; markouts: { horizonS: number }[] } };
      expect(report.commands).toBeGreaterThan(900);
      expect(report.markouts.map(({ horizonS }) => horizonS)).toEqual([1, 5, 60]);
    });
  }
});
