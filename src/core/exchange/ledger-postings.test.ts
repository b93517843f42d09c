import { startedExchange } from '../testing/fixtures.js';
import { sequencesOf } from '../testing/fuzz.js';
import { RANDOM_OPTIONS, RANDOM_SETUP, StepResolver } from '../testing/random-commands.js';
import type { Command } from './command.js';
import type { ExchangeEvent } from './event.js';
import { Exchange } from './exchange.js';
import { EXTERNAL_ACCOUNT, postingsOf } from './ledger-postings.js';
import { ReferenceData } from './reference-data.js';

describe('The ledger', () => {
  it('sums to 0 per asset at any sequence, and every account to its balance, under random commands', () => {
    for (const steps of sequencesOf(77).slice(0, 6)) {
      const exchange = new Exchange(RANDOM_OPTIONS);
      const resolver = new StepResolver();
      const reference = new ReferenceData();
      const sums = new Map<number, number>();
      const accounts = new Map<string, number>();
      const add = <K>(map: Map<K, number>, key: K, units: number) => map.set(key, (map.get(key) ?? 0) + units);
      const follow = (events: readonly ExchangeEvent[]): void => {
        for (const event of events) {
          reference.apply(event);
          for (const { account, asset, amountUnits } of postingsOf(event, reference)) {
            add(sums, asset, amountUnits);
            add(accounts, `${account} ${asset}`, amountUnits);
          }
          expect([...sums.values()].every((sum) => sum === 0)).toBe(true);
        }
        for (const event of events) {
          if (event.type !== 'BalanceUpdated') continue;
          expect(accounts.get(`${event.account} ${event.asset}`) ?? 0).toBe(event.totalUnits);
        }
      };
      let timeUs = 1_767_346_200_000_000;
      const play = (command: Command, waitUs: number): void => {
        timeUs += waitUs;
        exchange.apply(command, timeUs);
        const events = exchange.takeEvents();
        resolver.note(events);
        follow(events);
      };
      for (const command of RANDOM_SETUP) play(command, 1);
      for (const step of steps) play(resolver.resolve(step), step.waitUs);
      expect(accounts.size).toBeGreaterThan(8);
    }
  });

  it('posts a trade with its fees on both sides, and a transfer against the outside', () => {
    const driver = startedExchange({ takerFeePpm: 10_000, makerFeePpm: -5_000 });
    const reference = new ReferenceData();
    for (const event of driver.exchange.image()) reference.apply(event);
    driver.place({ account: 2, side: 'SELL', orderQtyLots: 10, priceTicks: 1_000 });
    driver.place({ account: 1, side: 'BUY', orderQtyLots: 10, priceTicks: 1_000 });
    const posted = driver.exchange.takeEvents().flatMap((event) => postingsOf(event, reference));
    expect(
      posted.map(({ entry, kind, account, asset, amountUnits }) => [entry, kind, account, asset, amountUnits]),
    ).toEqual([
      [0, 'TRADE', 2, 1, -10],
      [1, 'TRADE', 2, 0, 10_000],
      [2, 'FEE', 2, 0, 50],
      [3, 'FEE', 0, 0, -50],
      [4, 'TRADE', 1, 1, 10],
      [5, 'TRADE', 1, 0, -10_000],
      [6, 'FEE', 1, 0, -100],
      [7, 'FEE', 0, 0, 100],
    ]);
    const events = driver.send({ type: 'AdjustBalance', account: 1, asset: 0, amountUnits: -7, transferId: 'out' });
    expect(events.flatMap((event) => postingsOf(event, reference))).toMatchObject([
      { kind: 'WITHDRAWAL', account: 1, amountUnits: -7, transferId: 'out' },
      { kind: 'WITHDRAWAL', account: EXTERNAL_ACCOUNT, amountUnits: 7 },
    ]);
  });
});
