/** The scenario `breaker`: what stops a market, what becomes of orders then, and how trading comes back. */

const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  ... on PlaceOrderSuccess { order { id } } ... on OrderRejection { ordRejReason } } }`;
const ORDER = 'query ($id: ID!) { order(id: $id) { ordStatus cumQty leavesQty avgPx text } }';
const INSTRUMENT = `query ($symbol: ID!) { instrument(symbol: $symbol) { tradingStatus session { queuesOrders }
  auction { px qty } } }`;
const BREAKERS = '{ circuitBreakers { symbol tripped cause referencePx tripPx } }';

/** Plays it. @throws Error where the venue did something else than the scenario needs */
export async function playBreaker(venue, tell) {
  const desk = new Desk(venue, tell);
  await desk.prepare();
  await tripAndReopen(desk);
  await refuseAndResume(desk);
  await stopTheMarket(desk);
  await killSwitches(desk);
}

async function tripAndReopen(desk) {
  desk.tell.title('1. A circuit breaker trips, gathers orders and reopens through an auction');
  const input = { symbol: 'ACME', movePercent: '5', windowSeconds: 60, cooldownSeconds: 4, auctionSeconds: 4 };
  await desk.officer('setCircuitBreaker', 'CircuitBreakerInput', input, 'symbol');
  desk.tell.did('The risk officer sets a breaker on ACME: 5 % within 60 s, 4 s of cooldown, 4 s of reopening auction.');
  for (const price of ['103', '105', '106']) await desk.place('trader2', 'ACME', 'SELL', '10', price);
  const bought = await desk.place('trader', 'ACME', 'BUY', '25', '106');
  await desk.showOrder('trader', bought);
  await desk.showPhase('ACME');
  await desk.showBreaker('ACME');
  const queued = await desk.place('trader2', 'ACME', 'SELL', '20', '104');
  await desk.place('trader2', 'ACME', 'SELL', '1', '104', { timeInForce: 'IOC' });
  await desk.showPhase('ACME', 'AUCTION');
  await desk.showPhase('ACME', 'OPEN');
  await desk.showOrder('trader', bought);
  await desk.showOrder('trader2', queued);
}

async function refuseAndResume(desk) {
  desk.tell.title('2. A breaker that refuses orders while it is tripped, resumed by hand');
  const input = { symbol: 'ZETA', movePercent: '4', windowSeconds: 60, cooldownSeconds: 600, queueOrders: false };
  await desk.officer('setCircuitBreaker', 'CircuitBreakerInput', input, 'symbol');
  desk.tell.did('The risk officer sets a breaker on ZETA: 4 % within 60 s, 600 s of cooldown, orders are refused.');
  await desk.place('trader2', 'ZETA', 'SELL', '5', '52');
  await desk.place('trader2', 'ZETA', 'SELL', '5', '53');
  const bought = await desk.place('trader', 'ZETA', 'BUY', '8', '53');
  await desk.showOrder('trader', bought);
  await desk.showPhase('ZETA');
  await desk.place('trader', 'ZETA', 'BUY', '1', '50');
  await desk.venue.ask('risk', 'mutation { resumeTrading(symbol: "ZETA", reason: "The price is right") }');
  desk.tell.did('The risk officer resumes ZETA: "The price is right".');
  await desk.showPhase('ZETA', 'OPEN');
  await desk.venue.ask('risk', 'mutation { removeCircuitBreaker(symbol: "ZETA") }');
}

async function stopTheMarket(desk) {
  desk.tell.title('3. The market-wide breaker halts every symbol of its index');
  const input = {
    symbols: ['ACME', 'ZETA'],
    movePercent: '2',
    windowSeconds: 60,
    cooldownSeconds: 2,
    auctionSeconds: 2,
  };
  await desk.officer('setMarketCircuitBreaker', 'MarketCircuitBreakerInput', input, 'tripped');
  desk.tell.did('The risk officer sets it over ACME and ZETA: 2 % of the index within 60 s.');
  await desk.place('trader2', 'ZETA', 'SELL', '5', '55');
  const crossing = await desk.place('trader', 'ZETA', 'BUY', '10', '55');
  await desk.showOrder('trader', crossing);
  for (const symbol of ['ACME', 'ZETA']) await desk.showPhase(symbol);
  for (const symbol of ['ACME', 'ZETA']) await desk.showPhase(symbol, 'OPEN');
  await desk.showOrder('trader', crossing);
}

async function killSwitches(desk) {
  desk.tell.title('4. Kill switches: of an account, of a symbol, of the venue');
  const { accountId } = desk.venue.credentials.trader;
  const account = (engaged) =>
    desk.venue.ask('risk', `mutation { setKillSwitch(accountId: "${accountId}", engaged: ${engaged}) { killSwitch } }`);
  const market = (engaged, where, reducing = false) =>
    desk.venue.ask(
      'risk',
      `mutation { setMarketKillSwitch(engaged: ${engaged}, ${where} allowReduceOnly: ${reducing}) }`,
    );
  const resting = await desk.place('trader', 'ACME', 'BUY', '1', '90');
  await account(true);
  desk.tell.did("The risk officer engages the switch of trader's account.");
  await desk.showOrder('trader', resting);
  await desk.place('trader', 'ACME', 'BUY', '1', '90');
  await account(false);
  desk.tell.did('The risk officer releases it.');
  await desk.place('trader', 'ACME', 'BUY', '1', '90');
  await market(true, 'symbol: "ACME",', true);
  desk.tell.did('The risk officer engages the switch of ACME, letting reduceOnly orders pass.');
  await desk.place('trader', 'ACME', 'BUY', '1', '90');
  await desk.place('trader', 'ACME', 'SELL', '1', '90', { timeInForce: 'IOC', reduceOnly: true });
  await market(false, 'symbol: "ACME",');
  await market(true, '');
  desk.tell.did('The risk officer releases it and engages the switch of the whole venue.');
  await desk.place('trader2', 'ZETA', 'SELL', '1', '60');
  await market(false, '');
  desk.tell.did('The risk officer releases it.');
  await desk.place('trader2', 'ZETA', 'SELL', '1', '60');
}

/** Acts as the users of the scenario and tells what came of it. */
class Desk {
  constructor(venue, tell) {
    this.venue = venue;
    this.tell = tell;
  }

  /** Two instruments, and enough of everything for both traders. */
  async prepare() {
    for (const [symbol, referencePx] of [
      ['ACME', '100'],
      ['ZETA', '50'],
    ]) {
      const terms = { description: symbol, baseAsset: symbol, quoteAsset: 'USD', tickSize: '0.01', lotSize: '1' };
      const bounds = { minPrice: '0.01', maxPrice: '1000', minQty: '1', maxQty: '100000', referencePx };
      const input = { symbol, ...terms, ...bounds, tradingStatus: 'OPEN' };
      await this.venue.ask(
        'admin',
        'mutation ($i: CreateInstrumentInput!) { createInstrument(input: $i) { symbol } }',
        {
          i: input,
        },
      );
    }
    for (const who of ['trader', 'trader2']) {
      for (const currency of ['ACME', 'ZETA', 'USD']) {
        const { accountId } = this.venue.credentials[who];
        const input = { accountId, currency, amount: '100000', transferId: `demo ${who} ${currency}` };
        const query = 'mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }';
        await this.venue.ask('admin', query, { input });
      }
    }
  }

  officer(mutation, type, input, field) {
    return this.venue.ask('risk', `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${field} } }`, { input });
  }

  /** Places an order and tells it; returns its id, null where it was refused. */
  async place(who, symbol, side, orderQty, price, over = {}) {
    const { accountId } = this.venue.credentials[who];
    const input = { accountId, symbol, side, ordType: 'LIMIT', orderQty, price, ...over };
    const options = [over.timeInForce, over.reduceOnly ? 'reduceOnly' : undefined].filter(Boolean);
    const kind = options.length === 0 ? '' : ` (${options.join(', ')})`;
    this.tell.did(`${who}: ${side} ${orderQty} ${symbol} at ${price}${kind}`);
    const { placeOrder } = await this.venue.ask(who, PLACE, { input });
    if (placeOrder.order === undefined) this.tell.refused(`refused: ${placeOrder.ordRejReason}`);
    else if (options.length > 0) this.tell.came('accepted');
    return placeOrder.order?.id ?? null;
  }

  async showOrder(who, id) {
    const { order } = await this.venue.ask(who, ORDER, { id });
    const { ordStatus, cumQty, leavesQty, avgPx, text } = order;
    const price = avgPx === null ? '' : ` at ${avgPx} on average`;
    const why = ordStatus === 'CANCELED' && text !== null ? ` ${text}` : '';
    this.tell.came(`${who}'s order is ${ordStatus}: ${cumQty} filled${price}, ${leavesQty} left.${why}`);
  }

  /** Tells an instrument's phase. @param phase waits until it is this one */
  async showPhase(symbol, phase = null) {
    const isThere = ({ instrument }) => phase === null || instrument.tradingStatus === phase;
    const { instrument } = await this.venue.until('trader', INSTRUMENT, { symbol }, isThere);
    const { tradingStatus, session, auction } = instrument;
    const queue = session.queuesOrders ? ', takes orders for the auction' : ', takes no orders';
    const indicative = auction === null ? '' : `, indicative price ${auction.px} for ${auction.qty}`;
    this.tell.came(`${symbol} is ${tradingStatus}${tradingStatus === 'HALTED' ? queue : ''}${indicative}`);
  }

  async showBreaker(symbol) {
    const { circuitBreakers } = await this.venue.ask('trader', BREAKERS);
    const { cause, referencePx, tripPx } = circuitBreakers.find((breaker) => breaker.symbol === symbol);
    this.tell.came(`its breaker: ${cause}, measured from ${referencePx}, the next trade would have been at ${tripPx}`);
  }
}
