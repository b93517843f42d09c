/** Plans of linked orders, as one command; a leg that the edge refuses counts as refused by the engine. */
import type { PlanLeg } from '../../../src/core/exchange/command.js';
import { REFUSAL_TEXTS } from '../../../src/core/exchange/refusal-text.js';
import type { Contingency, PlanLegName } from '../../../src/core/values/vocabulary.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import type { BatchMode } from '../../../src/graphql/enums.js';
import { badUserInput, withClientErrors } from '../../../src/graphql/errors.js';
import { EngineUnavailableError } from '../../../src/ports/engine-client.js';
import type { OrdersView } from '../events.js';
import { type OrderPlanInput, OrderPlanLegResult, OrderPlanPayload } from '../types/plan.js';
import { OrderRejection, type PlaceOrderSuccess } from '../types/results.js';
import { toPlaceOrder } from './order-input.js';
import { find, type Outcomes } from './outcomes.js';

type Placed = PlaceOrderSuccess | OrderRejection;

export class PlanEntry {
  constructor(
    private readonly outcomes: Outcomes,
    private readonly view: OrdersView,
  ) {}

  /** @throws GraphQLError BAD_USER_INPUT where the input names fewer than two legs */
  async place(input: OrderPlanInput, mode: BatchMode, identity: Identity, context: RequestContext) {
    const named = [
      ['ENTRY', input.entry],
      ['TAKE_PROFIT', input.takeProfit],
      ['STOP_LOSS', input.stopLoss],
    ] as const;
    const given = named.flatMap(([name, order]) => (order == null ? [] : [{ name, order }]));
    if (given.length < 2) throw badUserInput('input', 'names fewer than two of entry, takeProfit and stopLoss');
    const hasEntry = given[0]?.name === 'ENTRY';
    const contingency: Contingency = !hasEntry ? 'OCO' : given.length === 2 ? 'OTO' : 'BRACKET';
    const results = new Map<PlanLegName, Placed>();
    const legs: PlanLeg[] = [];
    for (const { name, order } of given) {
      const command = toPlaceOrder(order, identity, this.view.reference);
      if (command instanceof OrderRejection) results.set(name, command);
      else legs.push({ name, order: command });
    }
    const isRefused = results.has('ENTRY') || (mode === 'ALL_OR_NONE' && results.size > 0);
    if (isRefused) for (const { name } of legs) results.set(name, rejection('BATCH_REJECTED'));
    else if (legs.length > 0) await withClientErrors(this.#place(legs, mode, results, context));
    const first = [...results.values()].find((placed) => !(placed instanceof OrderRejection));
    const planId = first?.order?.state.planId ?? null;
    return new OrderPlanPayload(
      planId === null ? null : String(planId),
      contingency,
      given.flatMap(({ name }) => {
        const result = results.get(name);
        return result === undefined ? [] : [new OrderPlanLegResult(name, result)];
      }),
    );
  }

  async #place(
    legs: readonly PlanLeg[],
    mode: BatchMode,
    results: Map<PlanLegName, Placed>,
    context: RequestContext,
  ): Promise<void> {
    try {
      const [first] = legs;
      // What is left of a plan of which the edge refused the other legs is an order on its own.
      const isAlone = legs.length === 1 && first !== undefined;
      const outcome = await this.outcomes.submit(isAlone ? first.order : { type: 'PlacePlan', legs, mode });
      const refused = find(outcome, 'RequestRejected');
      const placed = await this.outcomes.placedAll(outcome, context);
      if (refused === undefined && placed.length !== legs.length) {
        throw new RangeError(`command ${outcome.commandSequence} told ${placed.length} of ${legs.length} legs`);
      }
      for (const [index, { name }] of legs.entries()) {
        results.set(name, placed[index] ?? new OrderRejection(refused!.reason, refused!.text));
      }
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      for (const { name } of legs) results.set(name, rejection('ENGINE_UNAVAILABLE'));
    }
  }
}

function rejection(reason: 'BATCH_REJECTED' | 'ENGINE_UNAVAILABLE'): OrderRejection {
  return new OrderRejection(reason, REFUSAL_TEXTS[reason]);
}
