import { Arg, Authorized, ID, Mutation, Resolver } from 'type-graphql';
import type { AuctionKind, TradingStatus } from '../../../src/core/values/vocabulary.js';
import { AuctionKindEnum, TradingStatusEnum } from '../../../src/graphql/enums.js';
import type { MarketData } from '../services/market-data.js';
import { toInstrument } from '../services/payloads.js';
import { CreateInstrumentInput } from '../types/inputs.js';
import { Instrument } from '../types/instrument.js';
import { TradingCalendarInput } from '../types/trading-calendar.js';

@Resolver()
export class AdministrationResolver {
  readonly #market: MarketData;

  constructor(market: MarketData) {
    this.#market = market;
  }

  @Authorized('admin')
  @Mutation(() => Instrument, { description: 'Lists an instrument; needs scope admin.' })
  async createInstrument(
    @Arg('input', () => CreateInstrumentInput, { description: 'Its terms.' }) input: CreateInstrumentInput,
  ): Promise<Instrument> {
    return toInstrument(await this.#market.administration.createInstrument(input));
  }

  @Authorized('risk:write', 'admin')
  @Mutation(() => Instrument, {
    description:
      'Moves an instrument to another trading phase, which holds until its calendar has the next one due, a halt until the close. Leaving AUCTION for OPEN or CLOSED uncrosses. Needs scope risk:write or admin.',
  })
  async setTradingStatus(
    @Arg('symbol', () => ID, { description: 'The instrument; FIX tag 55.' }) symbol: string,
    @Arg('status', () => TradingStatusEnum, { description: 'The phase to move to; FIX tag 340.' })
    status: TradingStatus,
    @Arg('reason', () => String, {
      nullable: true,
      defaultValue: '',
      description: 'Why, as shown to everybody; at most 200 characters.',
    })
    reason: string | null,
    @Arg('auction', () => AuctionKindEnum, {
      nullable: true,
      description:
        'Kind of the auction that begins with AUCTION; absent = OPENING before the session has opened, afterwards REOPENING out of a halt and INTRADAY otherwise.',
    })
    auction: AuctionKind | null,
  ): Promise<Instrument> {
    const { administration } = this.#market;
    return toInstrument(await administration.setTradingStatus(symbol, status, reason ?? '', auction ?? null));
  }

  @Authorized('admin')
  @Mutation(() => Instrument, {
    description:
      'Gives an instrument another calendar, or none; its present phase is applied at once. Needs scope admin.',
  })
  async setTradingCalendar(
    @Arg('symbol', () => ID, { description: 'The instrument; FIX tag 55.' }) symbol: string,
    @Arg('calendar', () => TradingCalendarInput, {
      nullable: true,
      description: 'When it has sessions; null = at all hours.',
    })
    calendar: TradingCalendarInput | null,
  ): Promise<Instrument> {
    return toInstrument(await this.#market.administration.setTradingCalendar(symbol, calendar ?? null));
  }
}
