/** Market data of others into the platform, and history out of it, by the command line. */
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { post } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PROJECT = resolve(import.meta.dirname, '..');
const BARS = join(PROJECT, '../shared/data/ohlcv');
const hasBars = existsSync(join(BARS, 'KO.csv'));
if (!hasBars) process.stderr.write(`left out: import of real daily bars (no ${BARS})\n`);
const withBars = hasBars ? it : (_name: string, _test: () => unknown) => undefined;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Summary {
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly badLines: number;
  readonly badLineList: { readonly line: number; readonly problem: string }[];
}

describe('Import and export', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  let folder: string;
  beforeAll(async () => {
    dataDir = await makeDataDir();
    folder = await mkdtemp(join(tmpdir(), 'tradsys-files-'));
    platform = await startPlatform({ dataDir });
  });
  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
    await rm(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<Ran> =>
    new Promise((done) => {
      execFile(
        process.execPath,
        ['bin/tradsys.mjs', ...args, '--url', platform.url, '--data-dir', dataDir],
        { cwd: PROJECT, env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 100_000_000 },
        (error: ExecFileException | null, out, err) =>
          done({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  const importBars = async (file: string, ...args: string[]) => {
    const ran = await run('import', 'candles', file, '--interval', 'D1', '--json', ...args);
    return { ...ran, summary: ran.out === '' ? null : (JSON.parse(ran.out) as Summary) };
  };
  const fileOf = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };

  withBars(
    'take real daily bars twice and keep one copy, which comes out again in every format',
    async () => {
      for (const symbol of ['KO', 'PEP', 'EWA', 'EWC']) {
        const file = join(BARS, `${symbol}.csv`);
        const expected = (parse(await readFile(file, 'utf8'), { columns: true }) as Record<string, string>[]).map(
          (row) => ({ day: row.Date!.slice(0, 10), close: Number(row.Close), volume: Number(row.Volume) }),
        );
        const first = await importBars(file, '--symbol', symbol, '--create');
        expect(first).toMatchObject({
          code: 0,
          summary: { rows: expected.length, inserted: expected.length, badLines: 0 },
        });
        const second = await importBars(file, '--symbol', symbol);
        expect(second).toMatchObject({ code: 0, summary: { inserted: 0, updated: 0, unchanged: expected.length } });
        const csv = await run('export', 'candles', '--symbol', symbol, '--interval', 'D1', '--to', '2025-12-31');
        const shown = (parse(csv.out, { columns: true }) as Record<string, string>[]).map((row) => ({
          day: row.openTime!.slice(0, 10),
          close: Number(row.close),
          volume: Number(row.volume),
        }));
        expect(shown).toEqual(expected);
      }
      const range = ['--symbol', 'KO', '--interval', 'D1', '--from', '2021-01-01', '--to', '2022-01-01'];
      const lines = (await run('export', 'candles', ...range, '--format', 'ndjson')).out.trim().split('\n');
      const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const inFile = (await readFile(join(BARS, 'KO.csv'), 'utf8'))
        .split('\n')
        .filter((line) => line.startsWith('2021-'));
      expect(objects).toHaveLength(inFile.length);
      expect(objects[0]).toMatchObject({ openTime: '2021-01-04T00:00:00.000000Z', source: 'file', closed: true });
      const out = join(folder, 'ko.parquet');
      expect(await run('export', 'candles', ...range, '--format', 'parquet', '--out', out)).toMatchObject({ code: 0 });
      const file = await asyncBufferFromFile(out);
      const { schema } = await parquetMetadataAsync(file);
      expect(schema.find(({ name }) => name === 'openTime')?.logical_type).toMatchObject({
        type: 'TIMESTAMP',
        unit: 'MICROS',
      });
      const rows = await parquetReadObjects({ file });
      expect(
        rows.map(({ openTime, tradeCount, ...rest }) => ({
          ...rest,
          openTime: (openTime as Date).toISOString(),
          tradeCount: Number(tradeCount),
        })),
      ).toEqual(
        objects.map(({ openTime, ...rest }) => ({ ...rest, openTime: new Date(openTime as string).toISOString() })),
      );
    },
    120_000,
  );

  it('tell each bad line by its number, take the others, and end with 1', async () => {
    const file = await fileOf(
      'bad.csv',
      'Date,Open,High,Low,Close,Volume\n2024-01-02,60,61,59,60.5,100\n2024-01-03,60,61,59,n/a,100\n2024-01-04,60,61,59,60.5O5,100\nsoon,60,61,59,60,100\n\n2024-01-05,60,59,61,60,100\n2024-01-02T12:00:00Z,60,61,59,60,1\n2024-01-08,60,61,59,60\n2024-01-09,60,61,59,60,7\n',
    );
    const { code, summary } = await importBars(file, '--symbol', 'MSFT');
    expect(code).toBe(1);
    expect(summary).toMatchObject({ rows: 8, inserted: 2, badLines: 6 });
    expect(summary?.badLineList.map(({ line }) => line)).toEqual([3, 4, 5, 7, 8, 9]);
    expect(summary?.badLineList[1]?.problem).toBe('close "60.5O5" is not a decimal number such as 101.30');
    const text = await run('import', 'candles', file, '--symbol', 'MSFT', '--interval', 'D1');
    expect(text.err).toContain('bad line 3: close "n/a" is not a decimal number');
  }, 60_000);

  it('say what is wrong before anything is sent, and end with 2', async () => {
    const file = await fileOf('good.csv', 'Date,Open,High,Low,Close,Volume\n2024-01-02,60,61,59,60.5,100\n');
    const wrong = await fileOf('wrong.csv', 'Date,Price\n2024-01-02,60\n');
    const cases: [string[], RegExp][] = [
      [
        ['import', 'candles', join(folder, 'none.csv'), '--symbol', 'KO', '--interval', 'D1'],
        /cannot be read \(ENOENT\)/,
      ],
      [['import', 'candles', wrong, '--symbol', 'KO', '--interval', 'D1'], /no column for open/],
      [
        ['import', 'candles', file, '--symbol', 'NONE', '--interval', 'D1'],
        /no instrument is listed as NONE; --create/,
      ],
      [['import', 'candles', file, '--symbol', 'KO', '--interval', 'D2'], /Allowed choices are S1/],
      [['import', 'candles', file, '--interval', 'D1'], /--symbol/],
      [['export', 'candles', '--symbol', 'NONE', '--interval', 'D1'], /no instrument is listed as NONE/],
      [['export', 'candles', '--symbol', 'KO', '--interval', 'D1', '--format', 'parquet'], /--out/],
      [['export', 'trades', '--symbol', 'KO', '--from', 'soon'], /--from/],
      [['export', 'trades', '--symbol', 'KO', '--out', join(folder, 'no', 'such.csv')], /cannot be written \(ENOENT\)/],
    ];
    for (const [args, problem] of cases) {
      const ran = await run(...args);
      expect([ran.err, ran.code]).toEqual([expect.stringMatching(problem), 2]);
    }
    // Somebody who may not import is told so.
    const refused = await run(
      'import',
      'candles',
      file,
      '--symbol',
      'KO',
      '--interval',
      'D1',
      '--token',
      platform.credentials.trader.token,
    );
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('FORBIDDEN') });
  }, 90_000);

  it('bring trades in, and own trades and executions out as they were', async () => {
    const rows = Array.from(
      { length: 1200 },
      (_, n) => `${1_700_000_000_000 + (n >> 1)},${60 + (n % 100) / 100},${1 + (n % 9)},${n % 2 ? 'sell' : 'buy'}`,
    );
    const file = await fileOf('trades.csv', `timestamp,price,amount,side\n${rows.join('\n')}\n`);
    for (const counts of [{ inserted: 1200 }, { inserted: 0, unchanged: 1200 }]) {
      const ran = await run('import', 'trades', file, '--symbol', 'KO', '--source', 'other', '--json');
      expect(JSON.parse(ran.out)).toMatchObject({ rows: 1200, badLines: 0, ...counts });
    }
    const back = await run('export', 'imported-trades', '--symbol', 'KO', '--source', 'other');
    const read = (parse(back.out, { columns: true }) as Record<string, string>[]).reverse();
    expect(
      read.map(
        ({ transactTime, px, qty, aggressorSide }) =>
          `${Date.parse(transactTime!)},${Number(px)},${Number(qty)},${aggressorSide!.toLowerCase()}`,
      ),
    ).toEqual(rows);

    const { trader, trader2 } = platform.credentials;
    for (let n = 0; n < 30; n += 1) {
      for (const [{ token, accountId }, side] of [
        [trader, 'SELL'],
        [trader2, 'BUY'],
      ] as const) {
        const input = {
          accountId,
          symbol: 'PEP',
          side,
          ordType: 'LIMIT',
          timeInForce: 'GTC',
          orderQty: '2',
          price: '150.00',
          clOrdId: `x-${n}`,
        };
        await post(
          platform.url,
          'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename ... on OrderRejection { text } } }',
          { input },
          token,
        );
      }
    }
    const trades = await run('export', 'trades', '--symbol', 'PEP', '--format', 'ndjson');
    const traded = trades.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { px: string; qty: string });
    expect(traded).toHaveLength(30);
    expect(new Set(traded.map(({ px, qty }) => `${px} x ${qty}`))).toEqual(new Set(['150.00 x 2']));
    const out = join(folder, 'executions.parquet');
    expect(
      await run('export', 'executions', '--account', trader.accountId, '--format', 'parquet', '--out', out),
    ).toMatchObject({ code: 0 });
    const executions = await parquetReadObjects({ file: await asyncBufferFromFile(out) });
    expect(executions.filter(({ execType }) => execType === 'TRADE')).toHaveLength(30);
    expect(executions.filter(({ execType }) => execType === 'NEW')).toHaveLength(30);
    const orders = await run('export', 'orders', '--account', trader.accountId);
    expect(parse(orders.out, { columns: true })).toHaveLength(30);
    const none = await run('export', 'executions', '--account', 'NOBODY');
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') });
  }, 120_000);

  withBars('lets imported bars be tested for a relation, with the published figures, and backtested on', async () => {
    for (const symbol of ['EWA', 'EWC']) {
      const { code } = await importBars(join(BARS, `${symbol}.csv`), '--symbol', symbol, '--create');
      expect(code).toBe(0);
    }
    const { pairs } = JSON.parse(await readFile(join(BARS, 'pairs_expected.json'), 'utf8')) as {
      pairs: {
        pair: string;
        n: number;
        ols_beta: number;
        eg_lag1_stat: number;
        eg_lag1_p: number;
        half_life: number;
      }[];
    };
    const expected = pairs.find(({ pair }) => pair === 'EWA/EWC')!;
    const { data } = await post(
      platform.url,
      '{ cointegration(y: "EWA", x: "EWC", interval: D1) { hedgeRatio statistic pValue halfLife sampleSize cointegrated } }',
    );
    expect(data.cointegration).toMatchObject({ sampleSize: expected.n, cointegrated: false });
    expect(data.cointegration.hedgeRatio).toBeCloseTo(expected.ols_beta, 9);
    expect(Math.abs(data.cointegration.statistic - expected.eg_lag1_stat)).toBeLessThan(1e-6);
    expect(Math.abs(data.cointegration.pValue - expected.eg_lag1_p)).toBeLessThan(1e-4);
    expect(data.cointegration.halfLife).toBeCloseTo(expected.half_life, 6);

    const { token, accountId } = platform.credentials.trader;
    const input = {
      strategy: {
        name: 'Trend of Canada',
        type: 'MOMENTUM',
        accountId,
        symbols: ['EWC'],
        parameters: { interval: 'D1', orderQty: 100, lookback: 20 },
      },
      interval: 'D1',
      initialCash: '100000',
    };
    const started = await post(
      platform.url,
      'mutation ($input: BacktestInput!) { runBacktest(input: $input) { id } }',
      { input },
      token,
    );
    expect(started.errors).toBeUndefined();
    const { id } = started.data.runBacktest;
    let backtest = { status: 'QUEUED', error: null, report: null as { tradeCount: number } | null };
    for (let look = 0; look < 200 && !['DONE', 'FAILED'].includes(backtest.status); look += 1) {
      await new Promise((done) => setTimeout(done, 100));
      const query = 'query ($id: ID!) { backtest(id: $id) { status error report { tradeCount } } }';
      backtest = (await post(platform.url, query, { id }, token)).data.backtest;
    }
    expect(backtest).toMatchObject({ status: 'DONE', error: null });
    expect(backtest.report?.tradeCount).toBeGreaterThan(10);
  });
});
