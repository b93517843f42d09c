/** One order, found by its ids in every place that an operator looks: trace, log, metrics, journal and database. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/adapters/postgres/embedded.js';
import { post } from './support/client.js';
import { type CollectedSpan, Collector } from './support/collector.js';
import { readJournal } from './support/journal.js';
import { AS_SERVICES, makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { ... on PlaceOrderSuccess { order { id } } ... on OrderRejection { text } }
}`;
const requestId = `follow-${randomBytes(4).toString('hex')}`;
const traceId = randomBytes(16).toString('hex');
const clientSpan = randomBytes(8).toString('hex');

const sumOf = (metrics: string, name: string) =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);

describe('one order', () => {
  let platform: RunningPlatform;
  let collector: Collector;
  let dataDir: string;
  let orderId = '';
  let commandSequence = 0;
  let spans: readonly CollectedSpan[] = [];
  const metrics = { before: '', after: '' };
  let output = '';

  beforeAll(async () => {
    dataDir = await makeDataDir();
    collector = await Collector.start();
    platform = await startPlatform({
      dataDir,
      // Only what clients sample is traced.
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, TRADSYS_TRACE_RATIO: '0', LOG_LEVEL: 'debug' },
    });
    const { trader } = platform.credentials;
    const input = {
      accountId: trader.accountId,
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '3',
      price: '69.00',
      clOrdId: requestId,
    };
    // Not sampled by the client, so not at all.
    await post(platform.url, PLACE, { input: { ...input, clOrdId: `${requestId}-0` } }, trader.token);
    metrics.before = await platform.metrics();
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${trader.token}`,
        'x-request-id': requestId,
        'x-tradsys-latency': '1',
        traceparent: `00-${traceId}-${clientSpan}-01`,
      },
      body: JSON.stringify({ query: PLACE, variables: { input } }),
    });
    const { data, extensions } = await response.json();
    orderId = data.placeOrder.order.id;
    commandSequence = extensions.latency.commandSequence;
    expect(extensions.latency).toMatchObject({ requestId, traceId, orderId });
    metrics.after = await platform.metrics();
    spans = await collector.trace(traceId, [
      'mutation placeOrder',
      'engine.execute',
      'journal.append',
      'projector.write',
    ]);
    output = platform.output();
    await platform.stop();
  });

  afterAll(async () => {
    await platform?.stop();
    await collector?.stop();
    await removeDataDir(dataDir);
  });

  it('is one trace from its client to the projector, in which every span hangs on one before it', () => {
    const ids = new Set(spans.map(({ spanId }) => spanId));
    for (const { parentSpanId, name } of spans) {
      expect({ name, known: parentSpanId === clientSpan || ids.has(parentSpanId) }).toEqual({ name, known: true });
    }
    const named = (name: string) => spans.find((span) => span.name === name) as CollectedSpan;
    const request = named('mutation placeOrder');
    expect(request.parentSpanId).toBe(clientSpan);
    expect(request.attributes).toMatchObject({ 'tradsys.request_id': requestId, 'tradsys.order_id': orderId });
    expect(Number(named('engine.execute').attributes['tradsys.command_sequence'])).toBe(commandSequence);
    expect(named('engine.execute').endNs <= named('journal.append').endNs).toBe(true);
    const services = new Set(spans.map(({ service }) => service));
    expect([...services].sort()).toEqual(
      AS_SERVICES ? ['tradsys-engine', 'tradsys-orders', 'tradsys-projector', 'tradsys-router'] : ['tradsys-embedded'],
    );
    expect(spans.map(({ name }) => name)).toContain('graphql.resolve placeOrder');
  });

  it('leaves what no client sampled untraced', () => {
    expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  });

  it('is one line of the log, under its request, trace, order and command', () => {
    const lines = output.split('\n').filter((line) => line.includes(requestId) && line.includes('command answered'));
    const told = lines.map((line) => JSON.parse(line)).find((line) => line.requestId === requestId);
    expect(told).toMatchObject({ traceId, orderId, commandSequence, symbol: 'KO', operation: 'placeOrder' });
    expect(output).not.toContain(platform.credentials.trader.token);
  });

  it('is counted once by the engine and once by the router', () => {
    const rise = (name: string) => sumOf(metrics.after, name) - sumOf(metrics.before, name);
    expect(rise('tradsys_engine_commands_total{type="PlaceOrder",result="accepted"}')).toBe(1);
    expect(rise('tradsys_command_stage_seconds_count{operation="placeOrder",stage="total"}')).toBe(1);
  });

  it('stands in the journal and in the database under the same ids', async () => {
    const { events } = await readJournal(dataDir);
    const accepted = events.find((event) => event.type === 'OrderAccepted' && event.orderId === Number(orderId));
    expect(accepted).toMatchObject({ commandSequence, clOrdId: requestId });
    const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
    const client = new pg.Client({ connectionString: postgres.url });
    try {
      await client.connect();
      const { rows } = await client.query(
        'SELECT command_sequence, cl_ord_id FROM execution_reports WHERE order_id = $1 ORDER BY sequence LIMIT 1',
        [orderId],
      );
      expect(rows).toEqual([{ command_sequence: String(commandSequence), cl_ord_id: requestId }]);
    } finally {
      await client.end();
      await postgres.stop();
    }
  });
});
