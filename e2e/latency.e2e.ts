/** Where the time of a command goes: the receipt, the percentiles, the log, and what operators may ask. */
import { collect, connect, post, settled } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { ... on PlaceOrderSuccess { order { id } } ... on OrderRejection { text } }
}`;
const LATENCY = `query ($window: LatencyWindow, $operation: String, $symbol: ID, $key: ID) {
  latency(window: $window, operation: $operation, symbol: $symbol, key: $key) {
    stages { stage count p50Us p90Us p99Us p999Us maxUs } operations symbols keys
  }
}`;

describe('the latency of commands', () => {
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

  const order = (clOrdId: string) => ({
    input: {
      accountId: platform.credentials.trader.accountId,
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '1',
      price: '69.00',
      clOrdId,
    },
  });
  const place = async (clOrdId: string, headers: Record<string, string> = {}) => {
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${platform.credentials.trader.token}`,
        ...headers,
      },
      body: JSON.stringify({ query: PLACE, variables: order(clOrdId) }),
    });
    return response.json();
  };
  const ask = (query: string, variables: object, who: 'admin' | 'trader' = 'admin') =>
    post(platform.url, query, variables as Record<string, unknown>, platform.credentials[who].token);

  it('comes as a receipt whose stages make up the whole, when it is asked for, and else not', async () => {
    const told = await place('l-1', { 'x-tradsys-latency': '1', 'x-request-id': 'receipt-1' });
    const { latency } = told.extensions;
    expect(latency).toMatchObject({
      requestId: 'receipt-1',
      orderId: told.data.placeOrder.order.id,
      commandSequence: expect.any(Number),
    });
    const { routerUs, subgraphUs, engineUs, journalUs, answerUs, totalUs } = latency;
    const stages = [routerUs, subgraphUs, engineUs, journalUs, answerUs];
    for (const us of stages) expect(us).toBeGreaterThanOrEqual(0);
    expect(journalUs).toBeGreaterThan(0);
    const sum = stages.reduce((total, us) => total + us, 0);
    // Each stage is rounded by itself.
    expect(Math.abs(sum - totalUs)).toBeLessThanOrEqual(5);
    expect((await place('l-2')).extensions.latency).toBeUndefined();
    expect((await place('l-3', { 'x-tradsys-latency': '0' })).extensions.latency).toBeUndefined();
  });

  it('is counted by stage, operation, symbol and key in each window', async () => {
    const before = (await ask(LATENCY, { window: 'START' })).data.latency.stages[5].count;
    for (let at = 0; at < 5; at += 1) await place(`l-c${at}`);
    const answer = await ask(LATENCY, { window: 'START' });
    expect(answer.errors).toBeUndefined();
    const { stages, operations, symbols, keys } = answer.data.latency;
    expect(stages.map(({ stage }: { stage: string }) => stage)).toEqual([
      'ROUTER',
      'SUBGRAPH',
      'ENGINE',
      'JOURNAL',
      'ANSWER',
      'TOTAL',
    ]);
    for (const { count, p50Us, p90Us, p99Us, p999Us, maxUs } of stages) {
      expect(count).toBe(before + 5);
      const rising = [p50Us, p90Us, p99Us, p999Us, maxUs];
      expect([...rising].sort((a, b) => a - b)).toEqual(rising);
    }
    expect(operations).toContain('placeOrder');
    expect(symbols).toContain('KO');
    expect(keys).toHaveLength(1);
    for (const view of [{ operation: 'placeOrder' }, { symbol: 'KO' }, { key: keys[0] }]) {
      expect((await ask(LATENCY, { window: 'MINUTE', ...view })).data.latency.stages[5].count).toBeGreaterThan(0);
    }
  });

  it('is told to administrators only, and says what is wrong with a question', async () => {
    expect((await ask(LATENCY, {}, 'trader')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await ask(LATENCY, { symbol: 'NONE' })).errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
    expect((await ask(LATENCY, { symbol: 'KO', operation: 'placeOrder' })).errors?.[0]?.extensions?.code).toBe(
      'BAD_USER_INPUT',
    );
  });

  it('streams to administrators', async () => {
    const client = connect(platform.url, platform.credentials.admin.token);
    const told = collect<{ stages: { count: number }[] }>(
      client,
      'latency',
      'subscription { latency(window: START, everySeconds: 1) { stages { count } } }',
      {},
    );
    await settled(client);
    await place('l-s');
    const [, second] = await told.until((events) => events.length >= 2, 'a second delivery');
    expect(second?.stages[5]?.count).toBeGreaterThan(0);
    await client.dispose();
  });

  it('tells the state and age of each dependency, to /readyz and to administrators alike', async () => {
    const query = '{ platformStatus { state version uptimeS dependencies { name ready state ageS problem details } } }';
    const { platformStatus } = (await ask(query, {})).data;
    expect(platformStatus).toMatchObject({ state: 'READY', version: expect.stringMatching(/^\d+\.\d+/) });
    const ready = await (await fetch(new URL('/readyz', platform.url))).json();
    expect(Object.keys(ready.dependencies).sort()).toEqual(
      platformStatus.dependencies.map(({ name }: { name: string }) => name).sort(),
    );
    for (const { ageS } of Object.values(ready.dependencies) as { ageS: number }[])
      expect(ageS).toBeGreaterThanOrEqual(0);
    expect((await ask(query, {}, 'trader')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('lets administrators change what is logged, within bounds', async () => {
    const set = (variables: object, who: 'admin' | 'trader' = 'admin') =>
      ask(
        'mutation ($module: String, $level: LogThreshold!, $seconds: Int) { setLogLevel(module: $module, level: $level, seconds: $seconds) { module level until } }',
        variables,
        who,
      );
    const changed = await set({ module: 'router', level: 'DEBUG', seconds: 60 });
    expect(changed.data.setLogLevel).toContainEqual({ module: 'router', level: 'DEBUG', until: expect.any(String) });
    expect((await set({ module: 'nobody', level: 'DEBUG' })).errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
    expect((await set({ level: 'DEBUG', seconds: 86_401 })).errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect((await set({ level: 'DEBUG' }, 'trader')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});
