import fc from 'fast-check';
import type { ExchangeEvent } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import { Driver, setupCommands } from '../testing/fixtures.js';

/** Taker fee 0.1 %, maker rebate 0.05 %; cents a lot; both accounts begin with 1,000,000 cents and lots at cost 100. */
const FEES = { takerFeePpm: 1_000, makerFeePpm: -500 };
const ALICE = 1;

function started(): Driver {
  const driver = new Driver(new Exchange());
  for (const command of setupCommands(FEES)) driver.send(command);
  // Alice begins flat: what was deposited goes again.
  driver.send({ type: 'AdjustBalance', account: ALICE, asset: 1, amountUnits: -1_000_000, transferId: 'flat' });
  driver.send({ type: 'SetMarginTerms', instrument: 0, ...OPEN_TERMS });
  return driver;
}
const OPEN_TERMS = { initialMarginPpm: 1, maintenanceMarginPpm: 0, shortSelling: true, setBy: 'officer' };

/** A venue whose account 1 is on margin, so that it may be short; the others as in `setupCommands`. */
function onMargin(): Driver {
  const driver = new Driver(new Exchange());
  for (const command of setupCommands(FEES)) {
    driver.send(
      command.type === 'OpenAccount' && command.accountId === 'alice' ? { ...command, kind: 'MARGIN' } : command,
    );
  }
  driver.send({ type: 'SetMarginTerms', instrument: 0, ...OPEN_TERMS });
  driver.send({ type: 'AdjustBalance', account: ALICE, asset: 1, amountUnits: -1_000_000, transferId: 'flat' });
  return driver;
}

function trade(driver: Driver, lots: number, priceTicks: number): void {
  const [side, other] = lots > 0 ? (['BUY', 'SELL'] as const) : (['SELL', 'BUY'] as const);
  driver.place({ account: 2, side: other, orderQtyLots: Math.abs(lots), priceTicks });
  driver.place({ account: ALICE, side, orderQtyLots: Math.abs(lots), priceTicks });
}

interface Figures {
  readonly qty: number;
  readonly cost: number;
  readonly realized: number;
  readonly fees: number;
  readonly money: number;
}

function figures(image: readonly ExchangeEvent[]): Figures {
  let [qty, cost, realized, fees, money] = [0, 0, 0, 0, 0];
  for (const event of image) {
    if (event.type === 'PositionUpdated' && event.account === ALICE) {
      [qty, cost, realized, fees] = [event.qtyLots, event.costUnits, event.realizedPnlUnits, event.feesUnits];
    }
    if (event.type === 'BalanceUpdated' && event.account === ALICE && event.asset === 0) money = event.totalUnits;
  }
  return { qty, cost, realized, fees, money };
}

describe('Profit and loss at average cost', () => {
  // The table of docs/risk-accounting.md, in cents: every figure worked out by hand.
  const TABLE = [
    { lots: +100, px: 1_000, qty: 100, cost: 100_000, realized: 0, fees: 100, mark: 1_000, unrealized: 0 },
    { lots: +50, px: 1_060, qty: 150, cost: 153_000, realized: 0, fees: 153, mark: 1_060, unrealized: 6_000 },
    { lots: -60, px: 1_050, qty: 90, cost: 91_800, realized: 1_800, fees: 216, mark: 1_050, unrealized: 2_700 },
    // Through zero: 90 lots close at 990 (−2,700 realized), 60 open short at 990.
    { lots: -150, px: 990, qty: -60, cost: -59_400, realized: -900, fees: 364, mark: 990, unrealized: 0 },
    { lots: -40, px: 1_015, qty: -100, cost: -100_000, realized: -900, fees: 404, mark: 1_015, unrealized: -1_500 },
    // Back through zero: 100 lots cover at 980 (+2,000), 20 open long at 980.
    { lots: +120, px: 980, qty: 20, cost: 19_600, realized: 1_100, fees: 521, mark: 980, unrealized: 0 },
    { lots: -20, px: 1_001, qty: 0, cost: 0, realized: 1_520, fees: 541, mark: 1_001, unrealized: 0 },
  ];

  it('agrees with the written-out table, long to short and back, and with the ledger', () => {
    const driver = onMargin();
    const before = figures(driver.exchange.image()).money;
    for (const row of TABLE) {
      trade(driver, row.lots, row.px);
      const { qty, cost, realized, fees, money } = figures(driver.exchange.image());
      const unrealized = qty * row.mark - cost;
      expect({ qty, cost, realized, fees, unrealized }).toEqual({
        qty: row.qty,
        cost: row.cost,
        realized: row.realized,
        fees: row.fees,
        unrealized: row.unrealized,
      });
      // The ledger: what money and lots are worth more than before is what was earned, less fees.
      expect(money + qty * row.mark - before).toBe(realized + unrealized - fees);
    }
  });

  it('says what the ledger says for any trades, whatever the mark', () => {
    const lots = fc.integer({ min: -200, max: 200 }).filter((value) => value !== 0);
    const price = fc.integer({ min: 900, max: 1_100 });
    fc.assert(
      fc.property(fc.array(fc.tuple(lots, price), { maxLength: 25 }), price, (trades, mark) => {
        const driver = onMargin();
        const before = figures(driver.exchange.image()).money;
        for (const [qty, px] of trades) trade(driver, qty, px);
        const { qty, cost, realized, fees, money } = figures(driver.exchange.image());
        expect(money + qty * mark - before).toBe(realized + (qty * mark - cost) - fees);
        if (qty === 0) expect(cost).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same for a cash account while it is long', () => {
    const driver = started();
    trade(driver, 100, 1_000);
    trade(driver, -40, 1_100);
    expect(figures(driver.exchange.image())).toMatchObject({ qty: 60, cost: 60_000, realized: 4_000, fees: 144 });
  });
});
