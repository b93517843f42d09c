import { existsSync, readFileSync } from 'node:fs';
import type { ExchangeEvent } from '../exchange/event.js';
import { anOrder, startedExchange } from '../testing/fixtures.js';
import type { SelfTradePrevention, Side } from '../values/vocabulary.js';

const FILE = '../shared/data/vectors/binance_stp.json';
const isThere = existsSync(FILE);
if (!isThere) process.stdout.write(`left out: ${FILE} is not there\n`);

interface ScenarioOrder {
  readonly side: Side;
  readonly type: 'LIMIT' | 'MARKET';
  readonly quantity: string;
  readonly price: string | null;
  readonly stp: string;
}
interface Expected {
  readonly status: string;
  readonly executedQty: string;
  readonly preventedQty: string;
}
interface Scenario {
  readonly id: string;
  readonly makers: readonly ScenarioOrder[];
  readonly taker: ScenarioOrder;
  readonly expect: { readonly makers: readonly Expected[]; readonly taker: Expected };
}

/** The published names; TRANSFER within one account does what DECREMENT does. */
const MODES: Readonly<Record<string, SelfTradePrevention>> = {
  NONE: 'NONE',
  EXPIRE_TAKER: 'CANCEL_NEWEST',
  EXPIRE_MAKER: 'CANCEL_OLDEST',
  EXPIRE_BOTH: 'CANCEL_BOTH',
  DECREMENT: 'DECREMENT',
  TRANSFER: 'DECREMENT',
};
const STATUSES: Readonly<Record<string, string>> = { EXPIRED_IN_MATCH: 'CANCELED', EXPIRED: 'CANCELED' };

const scenarios = isThere ? (JSON.parse(readFileSync(FILE, 'utf8')) as { scenarios: Scenario[] }).scenarios : [];

/** Quantities and prices of the scenarios have one decimal. */
const tenths = (text: string): number => Math.round(Number(text) * 10);

function outcomeOf(events: readonly ExchangeEvent[], orderId: number) {
  let [status, executed, prevented] = ['NEW', 0, 0];
  for (const event of events) {
    if (event.type === 'OrdersTraded') {
      for (const leg of [event.maker, event.taker]) {
        if (leg.orderId === orderId) [status, executed] = [leg.ordStatus, leg.cumQtyLots];
      }
    } else if (event.type === 'OrderCanceled' && event.orderId === orderId) {
      status = event.ordStatus;
      if (event.reason === 'SELF_TRADE') prevented += event.canceledQtyLots;
    } else if (event.type === 'OrderRestated' && event.orderId === orderId) {
      prevented += event.restatedQtyLots;
    }
  }
  return { status, executed, prevented };
}

function play({ makers, taker }: Scenario) {
  const driver = startedExchange();
  const place = ({ side, type, quantity, price, stp }: ScenarioOrder) => {
    const priceTicks = price === null ? null : tenths(price);
    const selfTradePrevention = MODES[stp]!;
    return driver.send(
      anOrder({ side, ordType: type, orderQtyLots: tenths(quantity), priceTicks, selfTradePrevention }),
    );
  };
  const idOf = (events: readonly ExchangeEvent[]): number => {
    const accepted = events.find((event) => event.type === 'OrderAccepted');
    if (accepted?.type !== 'OrderAccepted') throw new Error(`not accepted: ${JSON.stringify(events)}`);
    return accepted.orderId;
  };
  const makerIds = makers.map((maker) => idOf(place(maker)));
  const events = place(taker);
  return [...makerIds, idOf(events)].map((orderId) => outcomeOf(events, orderId));
}

describe('Self-trade prevention', () => {
  it('lets the mode of the incoming order rule, not that of the resting one', () => {
    const driver = startedExchange();
    const maker = driver.place({ side: 'SELL', selfTradePrevention: 'CANCEL_OLDEST' });
    const events = driver.send(anOrder({ selfTradePrevention: 'CANCEL_NEWEST' }));
    expect(outcomeOf(events, maker)).toEqual({ status: 'NEW', executed: 0, prevented: 0 });
    expect(events.filter((event) => event.type === 'OrdersTraded')).toEqual([]);
  });

  for (const scenario of scenarios) {
    it(`does what the published scenario ${scenario.id} says`, () => {
      const expected = [...scenario.expect.makers, scenario.expect.taker].map((outcome) => ({
        status: STATUSES[outcome.status] ?? outcome.status,
        executed: tenths(outcome.executedQty),
        prevented: tenths(outcome.preventedQty),
      }));
      expect(play(scenario)).toEqual(expected);
    });
  }
});
