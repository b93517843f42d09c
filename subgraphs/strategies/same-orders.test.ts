/** The same events give the same orders: once in a backtest, once live, by the same strategy. */
import type { Command } from '../../src/core/exchange/command.js';
import { Exchange } from '../../src/core/exchange/exchange.js';
import { createTerms } from '../../src/core/instrument/terms.js';
import { factsOf } from '../../src/core/strategy/backtest/backtest.js';
import { createBacktest } from '../../src/core/strategy/backtest/job.js';
import { MARKET_ACCOUNT } from '../../src/core/strategy/backtest/market-flow.js';
import type { RecordedAction } from '../../src/core/strategy/backtest/order-flow.js';
import { STRATEGIES } from '../../src/core/strategy/catalogue.js';
import { StrategyRunner } from '../../src/core/strategy/runner.js';
import { START_US, specOf } from '../../src/core/strategy/testing/simulated-bars.js';
import { seededRandom } from '../../src/testing/random.js';
import { checkParameters } from './services/parameters.js';

const COUNT = 3_000;

function recording(): RecordedAction[] {
  const random = seededRandom(5);
  const actions: RecordedAction[] = [];
  let mid = 10_000;
  for (let index = 0; index < COUNT; index += 1) {
    const timeUs = START_US + index * 200_000;
    mid += Math.round((random() - 0.5) * 3);
    const side = random() < 0.5 ? 'BUY' : 'SELL';
    const sign = side === 'BUY' ? -1 : 1;
    if (random() < 0.7) {
      const priceTicks = mid + sign * (2 + Math.floor(random() * 5));
      actions.push({ kind: 'PLACE', timeUs, market: 0, ref: String(index), side, qtyLots: 10, priceTicks });
    } else actions.push({ kind: 'EXECUTE', timeUs, market: 0, side, qtyLots: 8, priceTicks: mid - sign * 20 });
  }
  return actions;
}

const parameters = checkParameters(
  'MARKET_MAKING',
  { orderQty: 5, maxInventory: 60, refreshMs: 1_000, levels: 2, kappa: 20, sigma: 0.01 },
  'parameters',
);

const orderOf = (command: Command) =>
  command.type === 'PlaceOrder'
    ? `${command.side} ${command.orderQtyLots} at ${command.priceTicks} as ${command.clOrdId?.split('-').pop()}`
    : command.type === 'ReplaceOrder'
      ? `to ${command.orderQtyLots} at ${command.priceTicks}`
      : command.type;

/** Runs the backtest and notes every command that its exchange is given, with its time. */
function backtested(): { readonly commands: readonly { readonly command: Command; readonly timeUs: number }[] } {
  const commands: { command: Command; timeUs: number }[] = [];
  const apply = Exchange.prototype.apply;
  const spy = listenTo(commands, apply);
  try {
    const test = createBacktest({
      type: 'MARKET_MAKING',
      parameters,
      markets: [{ spec: specOf('KO', 10_000), baseScale: 0 }],
      quoteScale: 6,
      data: { kind: 'ORDERS', actions: recording() },
      initialCashUnits: 1_000_000_000_000,
      latencyUs: 0,
      makerFeePpm: 0,
      takerFeePpm: 100,
      participation: 1,
      halfSpreadTicks: 1,
    });
    while (test.step(1_000));
    expect(test.failure).toBeNull();
  } finally {
    spy();
  }
  return { commands };
}

/** Listens at the exchange without changing what it does. */
function listenTo(
  commands: { command: Command; timeUs: number }[],
  apply: typeof Exchange.prototype.apply,
): () => void {
  Exchange.prototype.apply = function listened(this: Exchange, command: Command, timeUs: number) {
    commands.push({ command, timeUs });
    apply.call(this, command, timeUs);
  };
  return () => {
    Exchange.prototype.apply = apply;
  };
}

describe('A strategy', () => {
  it('sends live what it sent in the backtest, given the same events', () => {
    const { commands } = backtested();
    const account = MARKET_ACCOUNT + 1;
    const isOwn = ({ command }: { command: Command }) => 'account' in command && command.account === account;
    const begin = commands.findIndex(({ command }) => command.type === 'PlaceOrder');
    const exchange = new Exchange({ maxOrders: 1 << 20, maxAccounts: 16, maxInstruments: 16 });
    for (const { command, timeUs } of commands.slice(0, begin)) exchange.apply(command, timeUs);
    const runner = new StrategyRunner({
      strategy: STRATEGIES.MARKET_MAKING.create(parameters),
      account,
      markets: [{ instrument: 0, facts: factsOf(createTerms(specOf('KO', 10_000), 0, 6)) }],
      clOrdIdPrefix: 'BT',
      makesBars: true,
    });
    runner.reset(exchange.image());
    runner.start(commands[begin]!.timeUs);
    const live: string[] = [];
    const note = () => {
      for (const command of runner.takeCommands()) live.push(orderOf(command));
    };
    for (const { command, timeUs } of commands.slice(begin)) {
      runner.advance(timeUs);
      note();
      exchange.apply(command, timeUs);
      runner.apply(exchange.takeEvents());
      note();
    }
    const tested = commands
      .slice(begin)
      .filter(isOwn)
      .map(({ command }) => orderOf(command));
    expect(tested.length).toBeGreaterThan(100);
    expect(live.slice(0, tested.length)).toEqual(tested);
  });
});
