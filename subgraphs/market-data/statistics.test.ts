import { execute, parse } from 'graphql';
import type { History } from '../../src/ports/history.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';

describe('an instrument', () => {
  it('gives statistics that each tick brings up to date', async () => {
    const venue = new TestVenue();
    venue.open(['alice', 'bob']);
    const history = new RecordedHistory(venue.events) as unknown as History;
    const subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history });
    await subgraph.start();
    venue.place(1, 0, 'BUY', 3, 5990);
    venue.place(1, 0, 'SELL', 1, 6010);
    venue.place(1, 0, 'BUY', 1, 6000);
    venue.place(2, 0, 'SELL', 1, 6000);
    const document = parse(`{ instrument(symbol: "KO") { statistics {
      tickCount midMean midVariance ewmaVolatility spread spreadMean imbalance tradeCount volume vwap } } }`);
    const { data, errors } = await execute({
      schema: subgraph.schema,
      document,
      contextValue: { identity: null, requestId: 'test' },
    });
    expect(errors).toBeUndefined();
    // Middles of 60.00, 60.05 and 60.00 again; spreads of 20, 10 and 20 cents.
    const { statistics } = (data as { instrument: { statistics: Record<string, unknown> } }).instrument;
    expect(statistics).toMatchObject({
      tickCount: 3,
      spread: '0.20',
      imbalance: 0.5,
      tradeCount: 1,
      volume: '1',
      vwap: '60.00',
    });
    expect(statistics.midMean).toBeCloseTo((60 + 60.05 + 60) / 3, 10);
    expect(statistics.midVariance).toBeCloseTo((0.05 ** 2 * 2) / 3 / 2, 10);
    expect(statistics.spreadMean).toBeCloseTo(0.5 / 3, 10);
    const [up, down] = [Math.log(60.05 / 60), Math.log(60 / 60.05)];
    expect(statistics.ewmaVolatility).toBeCloseTo(Math.sqrt(0.94 * up ** 2 + 0.06 * down ** 2), 10);
    await subgraph.stop();
  });
});
