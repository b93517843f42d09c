import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { collect, connect, post } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PROJECT = resolve(import.meta.dirname, '..');
const RECORDING = join(PROJECT, '../shared/data/lobster');
const MESSAGES = join(RECORDING, 'AAPL_2012-06-21_message_10_first.csv');
const BOOK = join(RECORDING, 'AAPL_2012-06-21_orderbook_10_first.csv');
const hasRecording = existsSync(MESSAGES) && existsSync(BOOK);
if (!hasRecording) process.stderr.write(`left out: replay of real order flow through the platform (no ${RECORDING})\n`);

interface Summary {
  readonly symbol: string;
  readonly events: number;
  readonly fills: number;
  readonly rejects: Record<string, number>;
  readonly executions: { readonly ofRecordedOrders: number; readonly sameRestingOrder: number };
}

/** Runs `tradsys replay`; rejects unless it ends with 0. */
async function replayFile(platform: RunningPlatform, file: string, ...options: readonly string[]): Promise<Summary> {
  const credentials = join(platform.dataDir, 'dev-credentials.json');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['bin/tradsys.mjs', 'replay', file, '--credentials', credentials, '--url', platform.url, '--json', ...options],
    { cwd: PROJECT, env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 10_000_000 },
  );
  return JSON.parse(stdout) as Summary;
}

const replay = (platform: RunningPlatform, speed: string): Promise<Summary> =>
  replayFile(platform, MESSAGES, '--format', 'lobster', '--book', BOOK, '--speed', speed);

(hasRecording ? describe : (_name: string, _tests: () => void) => undefined)('real order flow', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
  });
  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  it('goes through the running engine, fills what the exchange filled, and shows its ticks to subscribers', async () => {
    const running = replay(platform, '10');
    const symbol = 'AAPL.REPLAY';
    const isListed = async () => {
      const { data } = await post(platform.url, '{ instruments { symbol } }');
      return (data.instruments as { symbol: string }[]).some((instrument) => instrument.symbol === symbol);
    };
    const deadline = performance.now() + 30_000;
    while (!(await isListed()) && performance.now() < deadline) await new Promise((done) => setTimeout(done, 50));
    const client = connect(platform.url, null);
    const ticks = collect<{ symbol: string; bidPx: string | null }>(
      client,
      'ticks',
      'subscription Ticks($symbols: [ID!]!) { ticks(symbols: $symbols) { symbol bidPx askPx lastPx } }',
      { symbols: [symbol] },
    );
    try {
      const summary = await running;
      expect(summary).toMatchObject({ symbol, events: 999, fills: 98, rejects: {} });
      expect(summary.executions).toMatchObject({ ofRecordedOrders: 94, sameRestingOrder: 94 });
      const seen = await ticks.until((events) => events.length >= 100, 'ticks of the replay');
      expect(new Set(seen.map((tick) => tick.symbol))).toEqual(new Set([symbol]));
    } finally {
      ticks.close();
      await client.dispose();
    }
  });

  it('can be replayed again into an instrument of its own', async () => {
    const summary = await replay(platform, 'max');
    expect(summary).toMatchObject({ symbol: 'AAPL.REPLAY-2', events: 999, fills: 98, rejects: {} });
  });
});

describe('an L3 recording', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
  });
  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  it('goes through the running engine in its own steps and leaves the book that its rows tell', async () => {
    const file = join(dataDir, 'flow.csv');
    await writeFile(
      file,
      [
        'timestamp,type,order_id,side,price,size',
        '2026-01-02T09:30:00.1Z,add,1,buy,4000.25,0.50',
        '2026-01-02T09:30:00.2Z,add,2,buy,4000.25,0.25',
        '2026-01-02T09:30:00.3Z,add,3,sell,4001.00,1.00',
        '2026-01-02T09:30:00.4Z,modify,1,buy,4000.25,0.30',
        '2026-01-02T09:30:00.5Z,fill,1,buy,4000.25,0.30',
        '2026-01-02T09:30:00.5Z,fill,2,buy,4000.25,0.05',
        '2026-01-02T09:30:00.5Z,trade,,sell,4000.25,0.35',
        '2026-01-02T09:30:00.6Z,modify,3,sell,4000.75,1.00',
        '2026-01-02T09:30:00.7Z,cancel,2,buy,4000.25,0.05',
      ].join('\n'),
    );
    const steps = ['--format', 'l3', '--tick-size', '0.25', '--lot-size', '0.05', '--symbol', 'ES.REPLAY'];
    const summary = await replayFile(platform, file, ...steps, '--speed', 'max');
    expect(summary).toMatchObject({ symbol: 'ES.REPLAY', events: 9, fills: 2, rejects: {} });
    expect(summary.executions).toEqual(expect.objectContaining({ ofRecordedOrders: 2, sameRestingOrder: 2 }));
    const { data } = await post(
      platform.url,
      '{ instrument(symbol: "ES.REPLAY") { tickSize lotSize orderBook { bids { px qty orderCount } asks { px qty orderCount } } } }',
    );
    expect(data.instrument).toEqual({
      tickSize: '0.25',
      lotSize: '0.05',
      orderBook: {
        bids: [{ px: '4000.25', qty: '0.15', orderCount: 1 }],
        asks: [{ px: '4000.75', qty: '1.00', orderCount: 1 }],
      },
    });
  });
});
