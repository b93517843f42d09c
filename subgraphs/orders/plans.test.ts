import { ANN, anInput, as, createOrdersKit, type OrdersKit, PLACE } from './testing/orders-kit.js';

let kit: OrdersKit;

beforeEach(async () => {
  kit = await createOrdersKit({ maxFinishedOrders: 2 });
});
afterEach(async () => {
  await kit.subgraph.stop();
});

const PLAN = /* GraphQL */ `
  mutation Plan($input: OrderPlanInput!, $mode: BatchMode) {
    placeOrderPlan(input: $input, mode: $mode) {
      planId
      contingency
      legs {
        leg
        result {
          ... on PlaceOrderSuccess { duplicate order { id planId contingency planLeg ordStatus leavesQty linkedOrders { planLeg leavesQty } } }
          ... on OrderRejection { ordRejReason text }
        }
      }
    }
  }
`;
const entry = (over = {}) => anInput(over);
const takeProfit = (over = {}) => anInput({ side: 'SELL', price: '66.00', ...over });
const stopLoss = (over = {}) => anInput({ side: 'SELL', ordType: 'STOP', price: null, stopPx: '54.00', ...over });
const placePlan = async (input: object, mode = 'ALL_OR_NONE', identity = ANN) => {
  const { data, errors } = await kit.ask(identity, PLAN, { input, mode });
  return { plan: data?.placeOrderPlan, error: errors?.[0]?.extensions };
};
const ordersOf = async (planId: string) => {
  const { data } = await kit.ask(ANN, 'query($id: ID!) { order(id: $id) { linkedOrders { planLeg ordStatus } } }', {
    id: planId,
  });
  return data.order.linkedOrders;
};

describe('placing a plan of linked orders', () => {
  it('places a bracket in one command, one result a leg, each showing the others', async () => {
    const before = kit.venue.exchange.commandSequence;
    const { plan } = await placePlan({ entry: entry(), takeProfit: takeProfit(), stopLoss: stopLoss() });
    expect(kit.venue.exchange.commandSequence).toBe(before + 1);
    expect(plan).toMatchObject({ contingency: 'BRACKET', planId: plan.legs[0].result.order.id });
    expect(plan.legs.map(({ leg }: { leg: string }) => leg)).toEqual(['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS']);
    expect(plan.legs[1].result.order).toMatchObject({
      planId: plan.planId,
      planLeg: 'TAKE_PROFIT',
      ordStatus: 'NEW',
      linkedOrders: [
        { planLeg: 'ENTRY', leavesQty: '10' },
        { planLeg: 'STOP_LOSS', leavesQty: '10' },
      ],
    });
  });

  it('tells an entry that trades at once, and its exits as the fill left them', async () => {
    await kit.ask(as('bob'), PLACE, { input: anInput({ accountId: 'bob', side: 'SELL', orderQty: '4' }) });
    const { plan } = await placePlan({ entry: entry(), stopLoss: stopLoss() });
    expect(plan).toMatchObject({ contingency: 'OTO' });
    const leaves = plan.legs.map(({ result }: { result: { order: { leavesQty: string } } }) => result.order.leavesQty);
    expect(leaves).toEqual(['6', '4']);
  });

  it('shows linked orders that memory has let go of', async () => {
    const { plan } = await placePlan({ takeProfit: takeProfit(), stopLoss: stopLoss() });
    await kit.ask(ANN, `mutation { cancelOrder(orderId: "${plan.planId}") { __typename } }`);
    for (let count = 0; count < 3; count += 1) {
      const { data } = await kit.ask(ANN, PLACE, { input: anInput() });
      await kit.ask(ANN, `mutation { cancelOrder(orderId: "${data.placeOrder.order.id}") { __typename } }`);
    }
    expect(await ordersOf(plan.planId)).toEqual([{ planLeg: 'STOP_LOSS', ordStatus: 'CANCELED' }]);
  });

  it('refuses all for one leg, whether the edge or the engine refuses it', async () => {
    const reasons = (plan: { legs: { result: { ordRejReason?: string } }[] }) =>
      plan.legs.map(({ result }) => result.ordRejReason);
    const edge = await placePlan({ entry: entry(), takeProfit: takeProfit({ price: '66.005' }) });
    expect(edge.plan.planId).toBeNull();
    expect(reasons(edge.plan)).toEqual(['BATCH_REJECTED', 'INVALID_PRICE']);
    const engine = await placePlan({ entry: entry(), takeProfit: takeProfit({ timeInForce: 'IOC' }) });
    expect(reasons(engine.plan)).toEqual(['BATCH_REJECTED', 'UNSUPPORTED_ORDER']);
    const odd = await placePlan({ entry: entry(), takeProfit: takeProfit({ orderQty: '9' }) });
    expect(odd.plan.legs[0].result).toMatchObject({
      ordRejReason: 'INVALID_REQUEST',
      text: expect.stringMatching(/same orderQty/),
    });
    expect(kit.venue.exchange.image().filter(({ type }) => type === 'OrderAccepted')).toEqual([]);
  });

  it('under BEST_EFFORT places what it can, an exit never without its entry', async () => {
    const wrong = { price: '66.005' };
    const alone = await placePlan({ takeProfit: takeProfit(wrong), stopLoss: stopLoss() }, 'BEST_EFFORT');
    expect(alone.plan.legs).toMatchObject([
      { result: { ordRejReason: 'INVALID_PRICE' } },
      { result: { order: { ordStatus: 'NEW', planId: null, linkedOrders: [] } } },
    ]);
    const without = await placePlan({ entry: entry(wrong), stopLoss: stopLoss() }, 'BEST_EFFORT');
    expect(without.plan.legs[1].result).toMatchObject({ ordRejReason: 'BATCH_REJECTED' });
  });

  it('answers a repetition with the first result', async () => {
    const input = { takeProfit: takeProfit({ clOrdId: 'tp' }), stopLoss: stopLoss({ clOrdId: 'sl' }) };
    const first = await placePlan(input);
    const again = await placePlan(input);
    expect(again.plan.planId).toBe(first.plan.planId);
    expect(again.plan.legs).toMatchObject([{ result: { duplicate: true } }, { result: { duplicate: true } }]);
  });

  it("needs two legs, the scope orders:write and the caller's own account", async () => {
    expect((await placePlan({ entry: entry() })).error).toMatchObject({ code: 'BAD_USER_INPUT' });
    const legs = { takeProfit: takeProfit(), stopLoss: stopLoss() };
    expect((await placePlan(legs, 'ALL_OR_NONE', as('ann', ['orders:read']))).error).toMatchObject({
      code: 'FORBIDDEN',
    });
    const foreign = await placePlan(legs, 'ALL_OR_NONE', as('bob'));
    expect(foreign.plan.legs[0].result).toMatchObject({ ordRejReason: 'UNKNOWN_ACCOUNT' });
  });
});
