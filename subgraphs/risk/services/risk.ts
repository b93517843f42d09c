/** The risk service: who may see and change what, the view with its start and stop, and the stream of positions. */
import type { OrdersTraded } from '../../../src/core/exchange/event.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { canReadAccount, requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext } from '../../../src/graphql/context.js';
import { encodeStreamCursor } from '../../../src/graphql/cursor.js';
import { clipped, notFound, unknownAccount } from '../../../src/graphql/errors.js';
import { HistorySeam } from '../../../src/graphql/history-seam.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { Log } from '../../../src/ports/log.js';
import { type PastPrice, type RiskPast, RiskView } from '../events.js';
import { AccountRisk } from '../types/account-risk.js';
import type { RiskAlert } from '../types/alerts.js';
import type { MarginAlert } from '../types/margin.js';
import type { Position } from '../types/position.js';
import { RiskAlerts } from './alerts.js';
import { BreakerDesk } from './breakers.js';
import { Figures, presentPosition, toPosition } from './figures.js';
import { MarginDesk } from './margin.js';
import { RiskPolicy } from './policy.js';
import { PortfolioDesk } from './portfolio-risk.js';
import { type PositionChange, PositionStreams, type PositionsRequest } from './position-streams.js';

export interface RiskDeps {
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  readonly history: History;
  /** Ends the window of estimates; the system's when absent. */
  readonly clock?: Clock;
  /** Where failures of background work are told; nowhere when absent. */
  readonly log?: Log;
}

const SYSTEM_CLOCK: Clock = { nowUs: () => Date.now() * 1_000 };

export class Risk {
  readonly view: RiskView;
  readonly policy: RiskPolicy;
  readonly margin: MarginDesk;
  readonly breakers: BreakerDesk;
  readonly #alerts: RiskAlerts;
  readonly portfolio: PortfolioDesk;
  readonly #feed: EventFeed;
  readonly #seam: HistorySeam<RiskPast>;
  readonly #streams: PositionStreams;
  #unfollow: (() => void) | null = null;

  constructor({ engine, feed, history, clock = SYSTEM_CLOCK, log = () => undefined }: RiskDeps) {
    this.#feed = feed;
    this.view = new RiskView({
      onTrade: (trade) => this.#seam.observe(trade),
      onReset: () => {
        if (this.#unfollow !== null) this.#seam.restart();
        this.#streams.interrupted();
        this.#alerts.restart();
      },
      onPosition: (position) => this.#streams.tell(position),
      onMarginStatus: (event) => this.margin.tell(event),
      onEvent: (event) => this.#alerts.observe(event),
      onBatch: (timeUs) => {
        this.#alerts.endBatch(timeUs);
        this.breakers.tell();
      },
    });
    this.#seam = new HistorySeam<RiskPast>({
      feed,
      what: 'risk',
      log,
      lastSequence: () => this.view.sequence,
      read: () => readPast(history, this.view),
      finish: (past, trades: readonly OrdersTraded[]) => this.view.load(past, trades),
    });
    this.#streams = new PositionStreams(this.view, feed);
    this.policy = new RiskPolicy(engine, this.view);
    this.margin = new MarginDesk(engine, this.view);
    this.breakers = new BreakerDesk(engine, this.view);
    this.#alerts = new RiskAlerts(this.view);
    this.portfolio = new PortfolioDesk(this.view, history, clock);
  }

  async start(): Promise<void> {
    this.#unfollow = await this.#feed.follow(this.view);
    await this.#seam.start();
  }

  stop(): Promise<void> {
    this.#unfollow?.();
    this.#unfollow = null;
    this.#seam.stop();
    this.#streams.endAll();
    this.margin.endAll();
    this.breakers.endAll();
    this.#alerts.endAll();
    this.view.stop();
    return Promise.resolve();
  }

  /** Returns the account where the caller may see it; null where there is none or it is somebody else's. */
  readable(accountId: string, context: RequestContext): AccountEntry | null {
    const identity = requireScope(context, 'risk:read', 'risk:write', 'admin');
    const account = this.view.reference.accountById(accountId);
    return account !== undefined && canReadAccount(identity, account) ? account : null;
  }

  /** @throws GraphQLError UNAUTHENTICATED, FORBIDDEN, NOT_FOUND */
  required(accountId: string, context: RequestContext, field = 'accountId'): AccountEntry {
    const account = this.readable(accountId, context);
    if (account === null) throw unknownAccount(accountId, field);
    return account;
  }

  accountRisk(account: AccountEntry): AccountRisk {
    return new AccountRisk(new Figures(this.view, account, () => this.#seam.loaded));
  }

  /** @throws GraphQLError NOT_FOUND for an unknown symbol */
  positions(account: AccountEntry, symbol: string | null): Position[] {
    const held = this.view.account(account.account).positions;
    const instruments = symbol === null ? [...held.keys()].sort((a, b) => a - b) : [this.#instrumentOf(symbol)];
    return instruments
      .map((instrument) => presentPosition(this.view, account, instrument))
      .filter((position) => position !== null);
  }

  position(account: AccountEntry, symbol: string): Position | null {
    const entry = this.view.reference.instrumentBySymbol(symbol);
    return entry === undefined ? null : presentPosition(this.view, account, entry.instrument);
  }

  /** Follows the positions of an account that the caller may see. */
  subscribePositions(request: PositionsRequest, context: RequestContext): AsyncIterableIterator<PositionChange> {
    return this.#streams.open(this.required(request.accountId, context), request);
  }

  /** Follows the margin alerts of an account that the caller may see; of all, where he may see all. */
  subscribeMarginAlerts(accountId: string | null, context: RequestContext): AsyncIterableIterator<MarginAlert> {
    if (accountId !== null) return this.margin.follow(this.required(accountId, context));
    requireScope(context, 'risk:write', 'admin');
    return this.margin.follow(null);
  }

  /** Follows the risk alerts of an account that the caller may see; of all, where he may see all. */
  subscribeRiskAlerts(accountId: string | null, context: RequestContext): AsyncIterableIterator<RiskAlert> {
    if (accountId !== null) return this.#alerts.follow(this.required(accountId, context));
    requireScope(context, 'risk:write', 'admin');
    return this.#alerts.follow(null);
  }

  /** Returns what a subscriber is told of a change, valued as of now. */
  toldPosition({ state, cursor }: PositionChange): Position {
    const text = cursor === null ? null : encodeStreamCursor(cursor.sequence, cursor.leg);
    return toPosition(this.view, this.view.reference.accountAt(state.account), state, text);
  }

  #instrumentOf(symbol: string): number {
    const entry = this.view.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}"`, 'symbol');
    return entry.instrument;
  }
}

async function readPast(history: History, view: RiskView): Promise<{ rows: RiskPast; throughSequence: number }> {
  const dayUs = view.dayUs;
  const totals = await history.tradeTotalsSince(dayUs);
  const prices = new Map<number, { last: PastPrice; dayOpen: PastPrice }>();
  let throughSequence = totals.throughSequence;
  for (const instrument of [...view.reference.instruments.keys()]) {
    const last = await history.lastCandleBefore(instrument, 'D1', Number.MAX_SAFE_INTEGER);
    const dayOpen = await history.lastCandleBefore(instrument, 'D1', dayUs);
    prices.set(instrument, {
      last: { ticks: last.records[0]?.closeTicks ?? null, throughSequence: last.throughSequence },
      dayOpen: { ticks: dayOpen.records[0]?.closeTicks ?? null, throughSequence: dayOpen.throughSequence },
    });
    throughSequence = Math.min(throughSequence, last.throughSequence, dayOpen.throughSequence);
  }
  return { rows: { dayUs, totals, prices }, throughSequence };
}
