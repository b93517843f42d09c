/** Snapshots are made beside trading, and a crash starts again from one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { post } from './support/client.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const EVERY = 100;
const SNAPSHOT_OFTEN = { TRADSYS_SNAPSHOT_EVERY: String(EVERY) };
const PATIENCE_MS = 60_000;

/** Value of a metric without labels. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

describe('snapshots', () => {
  let dataDir: string;
  let platform: RunningPlatform | null = null;

  beforeAll(async () => {
    dataDir = await makeDataDir();
  });
  afterAll(async () => {
    await platform?.crash();
    await removeDataDir(dataDir);
  });

  it('are made by a thread that reads the journal, and a crash starts again from the newest', async () => {
    platform = await startPlatform({ dataDir, environment: SNAPSHOT_OFTEN });
    const { url, credentials } = platform;
    const { token, accountId } = credentials.trader;
    const order = {
      accountId,
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '1',
      price: '69.90',
      timeInForce: 'IOC',
    } as const;
    for (let count = 0; count < EVERY + 20; count += 1) {
      const { data } = await placeOrder(url, token, { ...order, clOrdId: `s-${count}` });
      expect(data?.placeOrder.__typename).toBe('PlaceOrderSuccess');
    }
    const deadline = Date.now() + PATIENCE_MS;
    while (!((await metric(url, 'tradsys_snapshot_bytes')) > 0) && Date.now() < deadline) await sleep(50);
    expect(await metric(url, 'tradsys_snapshot_bytes')).toBeGreaterThan(0);
    expect(await metric(url, 'tradsys_snapshot_take_seconds')).toBe(0);
    expect(platform.output()).not.toContain('could not be made beside trading');

    await platform.crash();
    platform = await startPlatform({ dataDir, environment: SNAPSHOT_OFTEN });
    const used = /"snapshotCommandSequence":(\d+)/.exec(platform.output());
    expect(Number(used?.[1])).toBeGreaterThanOrEqual(EVERY);
    const last = `s-${EVERY + 19}`;
    const { data } = await post(
      platform.url,
      'query Last($accountId: ID!, $clOrdId: ID!) { orderByClOrdId(accountId: $accountId, clOrdId: $clOrdId) { clOrdId ordStatus } }',
      { accountId, clOrdId: last },
      platform.credentials.trader.token,
    );
    expect(data?.orderByClOrdId).toEqual({ clOrdId: last, ordStatus: 'CANCELED' });
  });
});
