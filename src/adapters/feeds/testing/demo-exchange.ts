/** A real exchange with the demo market on it. */
import { ReferenceData } from '../../../core/exchange/reference-data.js';
import { seedDemoMarket } from '../demo-market.js';
import { ExchangeEngine } from './exchange-engine.js';

export async function demoExchange(): Promise<ExchangeEngine> {
  const engine = new ExchangeEngine();
  const reference = new ReferenceData();
  engine.send({ type: 'OpenAccount', accountId: 'VENUE', name: 'Venue', ownerId: 'venue', kind: 'VENUE' });
  const unfollow = await engine.follow({
    reset: (image) => {
      for (const event of image) reference.apply(event);
    },
    apply: ({ events }) => {
      for (const event of events) reference.apply(event);
    },
  });
  await seedDemoMarket(engine, reference);
  // A second time changes nothing.
  const before = engine.submitted;
  await seedDemoMarket(engine, reference);
  if (engine.submitted !== before) throw new Error('seeding the demo market twice sends commands twice');
  unfollow();
  return engine;
}
