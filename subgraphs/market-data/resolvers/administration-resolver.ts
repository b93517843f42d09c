import { Arg, Authorized, ID, Mutation, Resolver } from 'type-graphql';
import type { TradingStatus } from '../../../src/core/values/vocabulary.js';
import { TradingStatusEnum } from '../../../src/graphql/enums.js';
import type { MarketData } from '../services/market-data.js';
import { toInstrument } from '../services/payloads.js';
import { CreateInstrumentInput } from '../types/inputs.js';
import { Instrument } from '../types/instrument.js';

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
    description: 'Moves an instrument to another trading phase; needs scope risk:write or admin.',
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
  ): Promise<Instrument> {
    return toInstrument(await this.#market.administration.setTradingStatus(symbol, status, reason ?? ''));
  }
}
