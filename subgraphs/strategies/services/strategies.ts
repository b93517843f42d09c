/** Who may see and do what with strategies, and what they are told as. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { formatPrice, formatQty } from '../../../src/core/instrument/terms.js';
import { factsOf } from '../../../src/core/strategy/backtest/backtest.js';
import { STRATEGIES, STRATEGY_TYPES } from '../../../src/core/strategy/catalogue.js';
import { boundsProblem } from '../../../src/core/strategy/market-bounds.js';
import { formatScaled } from '../../../src/core/values/decimal.js';
import { canReadEveryAccount, requireScope } from '../../../src/graphql/authorization.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import { badUserInput, limitExceeded, notFound, unknownAccount } from '../../../src/graphql/errors.js';
import type { StrategyRecord } from '../../../src/ports/strategy-store.js';
import type { CreateStrategyInput } from '../types/inputs.js';
import type { Strategy, StrategyTypeInfo } from '../types/strategy.js';
import type { StrategyHost } from './host.js';
import { profitUnits } from './live-strategy.js';
import { checkParameters } from './parameters.js';
import type { CreateStrategyRequest } from './request.js';
import type { StrategyState } from './state-streams.js';

const MAX_NAME_LENGTH = 100;
/** Most ids that one subscription may name. */
const MAX_IDS = 100;

export class Strategies {
  constructor(private readonly host: StrategyHost) {}

  /** Every type with the schema of its parameters. */
  types(): StrategyTypeInfo[] {
    return STRATEGY_TYPES.map((type) => {
      const { description, symbolCount, schema } = STRATEGIES[type];
      return { type, description, symbolCount, parameterSchema: schema };
    });
  }

  async list(context: RequestContext): Promise<Strategy[]> {
    const identity = reader(context);
    const states = await this.host.all();
    return states.filter(({ record }) => maySee(identity, record)).map((state) => this.toStrategy(state));
  }

  async find(id: string, context: RequestContext): Promise<Strategy | null> {
    const identity = reader(context);
    const state = await this.host.find(id);
    return state === null || !maySee(identity, state.record) ? null : this.toStrategy(state);
  }

  /** @throws GraphQLError BAD_USER_INPUT naming the field, NOT_FOUND, LIMIT_EXCEEDED, FORBIDDEN */
  async create(input: CreateStrategyInput, context: RequestContext): Promise<Strategy> {
    const identity = requireScope(context, 'strategies:write');
    const request = this.check(input, identity, 'input');
    return this.toStrategy(await this.host.create(identity.userId, request));
  }

  async run(id: string, context: RequestContext): Promise<Strategy> {
    const identity = requireScope(context, 'strategies:write');
    await this.#owned(id, identity);
    return this.toStrategy(await this.host.run(id));
  }

  /** Its owner may, and a risk officer. */
  async pause(id: string, context: RequestContext): Promise<Strategy> {
    await this.#stoppable(id, context);
    return this.toStrategy(await this.host.pause(id));
  }

  /** Its owner may, and a risk officer, who cannot let it trade once more: flattening is its owner's. */
  async end(id: string, flatten: boolean, context: RequestContext): Promise<Strategy> {
    if (flatten) await this.#owned(id, requireScope(context, 'strategies:write'));
    else await this.#stoppable(id, context);
    return this.toStrategy(await this.host.end(id, flatten));
  }

  /** Its owner alone may. @returns it as it last was */
  async remove(id: string, context: RequestContext): Promise<Strategy> {
    const identity = requireScope(context, 'strategies:write');
    await this.#owned(id, identity);
    return this.toStrategy(await this.host.remove(id));
  }

  async subscribe(
    ids: readonly string[] | null,
    context: RequestContext,
  ): Promise<AsyncIterableIterator<StrategyState>> {
    const identity = reader(context);
    if (ids !== null && ids.length > MAX_IDS) {
      throw limitExceeded('ids', MAX_IDS, `${ids.length} were given, one subscription names at most ${MAX_IDS}`);
    }
    const wanted = ids === null ? null : new Set(ids);
    const passes = (record: StrategyRecord) => maySee(identity, record) && (wanted === null || wanted.has(record.id));
    const states = (await this.host.all()).filter(({ record }) => passes(record));
    if (wanted !== null && states.length < wanted.size)
      throw notFound('strategy with one of these ids that you may see', 'ids');
    return this.host.follow(passes, states);
  }

  /** Holds an input to what its type and its markets take, and the account to its owner. */
  check(input: CreateStrategyInput, identity: Identity, field: string): CreateStrategyRequest {
    const { type, accountId, symbols } = input;
    const name = input.name.trim();
    if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
      throw badUserInput(`${field}.name`, `must have 1 to ${MAX_NAME_LENGTH} characters`);
    }
    const account = this.host.reference.accountById(accountId);
    if (account === undefined || account.ownerId !== identity.userId)
      throw unknownAccount(accountId, `${field}.accountId`);
    const entries = this.host.checkSymbols(type, symbols, `${field}.symbols`);
    const parameters = checkParameters(type, input.parameters, `${field}.parameters`);
    const facts = entries.map(({ terms }) => factsOf(terms));
    const wrong = boundsProblem(type, parameters, facts);
    if (wrong !== null) throw badUserInput(`${field}.parameters.${wrong.parameter}`, wrong.problem);
    return { name, type, accountId, symbols: [...symbols], parameters };
  }

  toStrategy({ record, live }: StrategyState): Strategy {
    const entries = record.symbols.map((symbol) => this.host.instrumentOf(symbol));
    const quoteScale = entries[0]!.terms.quoteScale;
    const ledger = live?.ledger() ?? record.ledger;
    return {
      id: record.id,
      name: record.name,
      type: record.type,
      status: record.status,
      account: { id: record.accountId },
      symbols: [...record.symbols],
      parameters: record.parameters,
      pnl: formatScaled(profitUnits(ledger, entries), quoteScale),
      inventory: entries.map(({ symbol }) => ({ account: { id: record.accountId }, instrument: { symbol } })),
      holdings: entries.map((entry) => ({
        symbol: entry.symbol,
        qty: formatQty(entry.terms, ledger?.holdings[entry.symbol]?.qtyLots ?? 0),
      })),
      quotes: live === null ? [] : entries.flatMap((entry, market) => quotesOf(live, entry, market)),
      fillCount: ledger?.fillCount ?? 0,
      lastReason: ledger?.reason ?? null,
      lastReasonAt: ledger?.reasonUs ?? null,
      error: record.error,
      startedAt: record.startedUs,
      createdAt: record.createdUs,
    };
  }

  async #owned(id: string, identity: Identity): Promise<void> {
    const state = await this.host.find(id);
    if (state?.record.ownerId !== identity.userId) throw notFound('strategy with this id that you may use', 'id');
  }

  async #stoppable(id: string, context: RequestContext): Promise<void> {
    const identity = requireScope(context, 'strategies:write', 'risk:write');
    if (!identity.scopes.has('risk:write')) await this.#owned(id, identity);
  }
}

function reader(context: RequestContext): Identity {
  return requireScope(context, 'strategies:write', 'orders:read', 'risk:write', 'admin');
}

function maySee(identity: Identity, record: StrategyRecord): boolean {
  return record.ownerId === identity.userId || canReadEveryAccount(identity);
}

function quotesOf(live: NonNullable<StrategyState['live']>, { symbol, terms }: InstrumentEntry, market: number) {
  return live.runner.markets[market]!.orders.flatMap(({ side, priceTicks, leavesLots }) =>
    priceTicks === null
      ? []
      : [{ symbol, side, px: formatPrice(terms, priceTicks), qty: formatQty(terms, leavesLots) }],
  );
}
