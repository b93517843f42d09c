/** Backup of a running platform, restore into another folder, and what the journal's own command says of both. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { post } from './support/client.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PROJECT = resolve(import.meta.dirname, '..');
const run = promisify(execFile);
const script = (name: string, ...args: string[]) => run(join(PROJECT, 'deployments/backup', name), args);

/** Exit code and output of the command line. */
async function tradsys(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  return run(process.execPath, ['bin/tradsys.mjs', ...args], { cwd: PROJECT, env, maxBuffer: 64e6 }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      err: error.stderr,
    }),
  );
}

describe('a backup', () => {
  let platform: RunningPlatform;
  let folder: string;
  let backup: string;
  const orders: string[] = [];

  const place = async (clOrdId: string) => {
    const { trader } = platform.credentials;
    const placed = await placeOrder(platform.url, trader.token, {
      accountId: trader.accountId,
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '2',
      price: '69.00',
      clOrdId,
    });
    return placed.data.placeOrder.order.id as string;
  };
  const ask = async (query: string, variables: Record<string, unknown>, who: 'trader' | 'trader2' = 'trader') =>
    post(platform.url, query, variables, platform.credentials[who].token);

  beforeAll(async () => {
    folder = await makeDataDir();
    backup = join(folder, 'backup');
    platform = await startPlatform({ dataDir: join(folder, 'first') });
    for (let at = 0; at < 5; at += 1) orders.push(await place(`b-${at}`));
  });
  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(folder);
  });

  it('of a running platform holds all that was acknowledged, and never writes over another', async () => {
    await script('backup.sh', join(folder, 'first'), backup);
    await expect(script('backup.sh', join(folder, 'first'), backup)).rejects.toMatchObject({ code: 2 });
    const inspected = await tradsys(
      'journal',
      'inspect',
      '--data-dir',
      backup,
      '--order',
      orders[2] ?? '',
      '--json',
      '--events',
    );
    const told = JSON.parse(inspected.out.trim());
    expect(told).toMatchObject({ type: 'PlaceOrder', clOrdId: 'b-2', symbol: 'KO', accountId: 'ACC-TRADER' });
  });

  it('is verified by replay, with the state hash at a command, and refuses nonsense', async () => {
    const verified = await tradsys('journal', 'verify', '--data-dir', backup, '--json', '--at', '3');
    const result = JSON.parse(verified.out);
    expect(result).toMatchObject({ ok: true, problems: [], at: 3, stateHashAt: expect.any(String) });
    expect(result.stateHashAt).not.toBe(result.stateHash);
    expect((await tradsys('journal', 'verify', '--data-dir', backup, '--at', '999999')).code).toBe(2);
    expect((await tradsys('journal', 'verify', '--data-dir', join(folder, 'nowhere'))).code).toBe(2);
    expect((await tradsys('journal', 'inspect', '--from', '0')).code).toBe(2);
  });

  it('is exported as one line a command, and told from a journal that goes on', async () => {
    const out = join(folder, 'commands.ndjson');
    expect((await tradsys('journal', 'export', '--data-dir', backup, '--type', 'PlaceOrder', '--out', out)).code).toBe(
      0,
    );
    const lines = (await readFile(out, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).clOrdId)).toEqual(orders.map((_, at) => `b-${at}`));
    expect((await tradsys('journal', 'export', '--data-dir', backup, '--out', out)).code).toBe(2);
    expect((await tradsys('journal', 'diff', backup, backup)).code).toBe(0);
    await place('b-after');
    const parted = await tradsys('journal', 'diff', backup, join(folder, 'first'), '--json');
    expect(parted.code).toBe(1);
    expect(JSON.parse(parted.out)).toMatchObject({ equal: false, first: null, second: { clOrdId: 'b-after' } });
  });

  it('tells orders, accounts and books as they were, to who may see them now', async () => {
    const [first = ''] = orders;
    const bookSequence = async () =>
      (await ask('{ instrument(symbol: "KO") { orderBook { sequence } } }', {})).data.instrument.orderBook.sequence;
    const at = { sequence: await bookSequence() };
    const canceled = await ask('mutation ($id: ID!) { cancelOrder(orderId: $id) { __typename } }', { id: first });
    expect(canceled.data.cancelOrder.__typename).toBe('CancelOrderSuccess');
    const sequence = await bookSequence();
    const ORDER = 'query ($id: ID!, $at: PointInTime) { order(id: $id, at: $at) { ordStatus leavesQty } }';
    expect((await ask(ORDER, { id: first, at })).data.order).toEqual({ ordStatus: 'NEW', leavesQty: '2' });
    expect((await ask(ORDER, { id: first, at: { sequence } })).data.order.ordStatus).toBe('CANCELED');
    expect((await ask(ORDER, { id: first, at: { sequence: 1 } })).data.order).toBeNull();
    expect((await ask(ORDER, { id: first, at }, 'trader2')).data.order).toBeNull();
    const BOOK = 'query ($at: PointInTime) { instrument(symbol: "KO") { orderBook(at: $at) { bids { px qty } } } }';
    const qtyAt = async (moment: object) =>
      (await ask(BOOK, { at: moment })).data.instrument.orderBook.bids.find(({ px }: { px: string }) => px === '69.00')
        .qty;
    expect(Number(await qtyAt(at)) - Number(await qtyAt({ sequence }))).toBe(2);
    const ACCOUNT = 'query ($id: ID!, $at: PointInTime) { account(id: $id, at: $at) { balances { currency held } } }';
    const heldAt = async (moment: object | null) =>
      (await ask(ACCOUNT, { id: 'ACC-TRADER', at: moment })).data.account.balances.find(
        ({ currency }: { currency: string }) => currency === 'USD',
      ).held;
    expect(Number(await heldAt(at))).toBeGreaterThan(Number(await heldAt(null)));
    expect((await ask(ACCOUNT, { id: 'ACC-TRADER', at }, 'trader2')).data.account).toBeNull();
    for (const wrong of [{}, { sequence: 1, time: '2026-01-01T00:00:00Z' }, { sequence: 10 ** 12 }, { sequence: -1 }]) {
      expect((await ask(ORDER, { id: first, at: wrong })).errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
    const anonymous = await post(platform.url, BOOK, { at }, undefined as never);
    expect(anonymous.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('is restored into a folder and started: what it held is there, what came later is not', async () => {
    await platform.stop();
    const second = join(folder, 'second');
    await script('restore.sh', backup, second);
    platform = await startPlatform({ dataDir: second });
    const ORDER = 'query ($id: ID!) { order(id: $id) { ordStatus clOrdId } }';
    for (const [at, id] of orders.entries()) {
      expect((await ask(ORDER, { id })).data.order).toEqual({ ordStatus: 'NEW', clOrdId: `b-${at}` });
    }
    const missing = await ask('{ orderByClOrdId(accountId: "ACC-TRADER", clOrdId: "b-after") { id } }', {});
    expect(missing.data.orderByClOrdId).toBeNull();
  });

  it('stands beside a status and a view for terminals', async () => {
    const credentials = join(folder, 'second', 'dev-credentials.json');
    const where = ['--url', platform.url, '--credentials', credentials];
    const status = await tradsys('status', ...where, '--json');
    expect([status.code, JSON.parse(status.out).state]).toEqual([0, 'READY']);
    const top = await tradsys('top', ...where, '--once');
    expect(top.code).toBe(0);
    expect(top.out).toContain('KO');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NO_COLOR means that there is none.
    expect(top.out).not.toMatch(/\u001b/);
    expect(Object.keys(JSON.parse((await tradsys('top', ...where, '--once', '--json')).out))).toContain('latency');
    expect((await tradsys('status', '--url', 'http://127.0.0.1:1/graphql', '--credentials', credentials)).code).toBe(1);
  });
});
