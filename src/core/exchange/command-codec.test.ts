import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';
import { ByteReader, FormatError } from '../values/byte-reader.js';
import { ByteWriter } from '../values/byte-writer.js';
import {
  ACCOUNT_KINDS,
  ACCOUNT_STATES,
  AUCTION_KINDS,
  BATCH_MODES,
  MARK_METHODS,
  ORD_TYPES,
  PLAN_LEGS,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
  TRADING_STATUSES,
} from '../values/vocabulary.js';
import type {
  Command,
  CommandType,
  LeasableCommand,
  MassQuote,
  PlaceOrder,
  PlaceOrders,
  RiskLimitValues,
} from './command.js';
import { decodeCommand, decodeCommands, encodeCommand } from './command-codec.js';

const index = fc.integer({ min: 0, max: 0x7fffffff });
const integer = fc.maxSafeInteger();
const optional = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
// Whole code points only: half of a surrogate pair is refused, and has its own test.
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 64 }),
  fc.string({ unit: 'binary', maxLength: 64 }).filter((value) => !/\p{Surrogate}/u.test(value)),
);

const limits: Arbitrary<RiskLimitValues> = fc.record({
  maxOrderQtyE8: optional(integer),
  maxOrderNotionalE6: optional(integer),
  maxPositionQtyE8: optional(integer),
  maxGrossExposureE6: optional(integer),
  maxNetExposureE6: optional(integer),
  maxOpenOrders: optional(integer),
  maxDailyLossE6: optional(integer),
  maxOrdersPerSecond: optional(integer),
  maxCancelsPerSecond: optional(integer),
  priceCollarPpm: optional(integer),
});

const placeOrder: Arbitrary<PlaceOrder> = fc.record({
  type: fc.constant('PlaceOrder'),
  account: index,
  instrument: index,
  side: fc.constantFrom(...SIDES),
  ordType: fc.constantFrom(...ORD_TYPES),
  timeInForce: fc.constantFrom(...TIMES_IN_FORCE),
  orderQtyLots: integer,
  priceTicks: optional(integer),
  stopPxTicks: optional(integer),
  trailingOffsetTicks: optional(integer),
  trailingPpm: optional(integer),
  displayQtyLots: optional(integer),
  expireTimeUs: optional(integer),
  postOnly: fc.boolean(),
  reduceOnly: fc.boolean(),
  selfTradePrevention: fc.constantFrom(...SELF_TRADE_PREVENTIONS),
  clOrdId: optional(text),
});
const breakerTerms = fc.record({
  movePpm: integer,
  windowUs: integer,
  cooldownUs: integer,
  auctionUs: integer,
  queuesOrders: fc.boolean(),
});
const quoteSide = optional(fc.record({ priceTicks: integer, qtyLots: integer }));

const placeOrders: Arbitrary<PlaceOrders> = fc.record({
  type: fc.constant('PlaceOrders'),
  orders: fc.array(placeOrder, { maxLength: 4 }),
  mode: fc.constantFrom(...BATCH_MODES),
});
const massQuote: Arbitrary<MassQuote> = fc.record({
  type: fc.constant('MassQuote'),
  account: index,
  quoteId: text,
  postOnly: fc.boolean(),
  selfTradePrevention: fc.constantFrom(...SELF_TRADE_PREVENTIONS),
  entries: fc.array(fc.record({ instrument: index, bid: quoteSide, ask: quoteSide }), { maxLength: 4 }),
});

const arbitraries: { readonly [T in CommandType]: Arbitrary<Extract<Command, { readonly type: T }>> } = {
  RegisterAsset: fc.record({ type: fc.constant('RegisterAsset'), asset: text, scale: integer }),
  ListInstrument: fc.record({
    type: fc.constant('ListInstrument'),
    spec: fc.record({
      symbol: text,
      description: text,
      baseAsset: text,
      quoteAsset: text,
      tickSize: text,
      lotSize: text,
      minPriceTicks: integer,
      maxPriceTicks: integer,
      minQtyLots: integer,
      maxQtyLots: integer,
      makerFeePpm: integer,
      takerFeePpm: integer,
      priceCollarPpm: optional(integer),
      referencePxTicks: integer,
      initialStatus: fc.constantFrom(...TRADING_STATUSES),
      allowedSelfTradePrevention: fc.array(fc.constantFrom(...SELF_TRADE_PREVENTIONS), { maxLength: 8 }),
    }),
  }),
  SetTradingStatus: fc.record({
    type: fc.constant('SetTradingStatus'),
    instrument: index,
    status: fc.constantFrom(...TRADING_STATUSES),
    reason: text,
  }),
  StartAuction: fc.record({
    type: fc.constant('StartAuction'),
    instrument: index,
    auction: fc.constantFrom(...AUCTION_KINDS),
    reason: text,
  }),
  SetCircuitBreaker: fc.record({
    type: fc.constant('SetCircuitBreaker'),
    instrument: index,
    terms: optional(breakerTerms),
    setBy: text,
  }),
  SetMarketBreaker: fc.record({
    type: fc.constant('SetMarketBreaker'),
    instruments: fc.array(index, { maxLength: 8 }),
    terms: optional(breakerTerms),
    setBy: text,
  }),
  HaltTrading: fc.record({
    type: fc.constant('HaltTrading'),
    instrument: optional(index),
    queuesOrders: fc.boolean(),
    reason: text,
    setBy: text,
  }),
  ResumeTrading: fc.record({
    type: fc.constant('ResumeTrading'),
    instrument: optional(index),
    auctionUs: integer,
    reason: text,
    setBy: text,
  }),
  AdvanceSession: fc.record({
    type: fc.constant('AdvanceSession'),
    instrument: index,
    status: fc.constantFrom(...TRADING_STATUSES),
    auction: fc.option(fc.constantFrom(...AUCTION_KINDS)),
    scheduledUs: integer,
    reason: text,
  }),
  SetTradingCalendar: fc.record({
    type: fc.constant('SetTradingCalendar'),
    instrument: index,
    calendar: fc.option(text),
  }),
  OpenAccount: fc.record({
    type: fc.constant('OpenAccount'),
    accountId: text,
    name: text,
    ownerId: text,
    kind: fc.constantFrom(...ACCOUNT_KINDS),
  }),
  AdjustBalance: fc.record({
    type: fc.constant('AdjustBalance'),
    account: index,
    asset: index,
    amountUnits: integer,
    transferId: text,
  }),
  SetRiskLimits: fc.record({
    type: fc.constant('SetRiskLimits'),
    account: index,
    instrument: optional(index),
    limits,
    setBy: text,
  }),
  SetTierLimits: fc.record({ type: fc.constant('SetTierLimits'), tier: text, limits, setBy: text }),
  SetAccountTier: fc.record({ type: fc.constant('SetAccountTier'), account: index, tier: optional(text), setBy: text }),
  SetAccountState: fc.record({
    type: fc.constant('SetAccountState'),
    account: index,
    state: fc.constantFrom(...ACCOUNT_STATES),
    reason: text,
    setBy: text,
  }),
  SetKillSwitch: fc.record({
    type: fc.constant('SetKillSwitch'),
    account: optional(index),
    instrument: optional(index),
    engaged: fc.boolean(),
    allowReduceOnly: fc.boolean(),
    reason: text,
    setBy: text,
  }),
  SetMarginTerms: fc.record({
    type: fc.constant('SetMarginTerms'),
    instrument: index,
    initialMarginPpm: integer,
    maintenanceMarginPpm: integer,
    shortSelling: fc.boolean(),
    setBy: text,
  }),
  SetMark: fc.record({
    type: fc.constant('SetMark'),
    instrument: index,
    method: fc.constantFrom(...MARK_METHODS),
    settlementPxTicks: fc.option(integer),
    setBy: text,
  }),
  PlaceOrder: placeOrder,
  PlaceOrders: placeOrders,
  PlacePlan: fc.record({
    type: fc.constant('PlacePlan'),
    legs: fc.array(fc.record({ name: fc.constantFrom(...PLAN_LEGS), order: placeOrder }), { maxLength: 4 }),
    mode: fc.constantFrom(...BATCH_MODES),
  }),
  CancelOrders: fc.record({ type: fc.constant('CancelOrders'), account: index, orderIds: fc.array(integer) }),
  MassQuote: massQuote,
  PlaceUnderLease: fc.record({
    type: fc.constant('PlaceUnderLease'),
    leaseId: text,
    holder: text,
    timeoutUs: integer,
    leased: optional(fc.array(fc.boolean(), { maxLength: 4 })),
    command: fc.oneof<Arbitrary<LeasableCommand>[]>(placeOrder, placeOrders, massQuote),
  }),
  RenewLeases: fc.record({
    type: fc.constant('RenewLeases'),
    renewals: fc.array(
      fc.record({ account: index, leaseId: text, holder: text, timeoutUs: integer, claims: fc.boolean() }),
      { maxLength: 4 },
    ),
  }),
  CancelAllAfter: fc.record({ type: fc.constant('CancelAllAfter'), account: index, timeoutUs: integer }),
  CancelOrder: fc.record({ type: fc.constant('CancelOrder'), account: index, orderId: integer }),
  ReplaceOrder: fc.record({
    type: fc.constant('ReplaceOrder'),
    account: index,
    orderId: integer,
    orderQtyLots: optional(integer),
    priceTicks: optional(integer),
    stopPxTicks: optional(integer),
    clOrdId: optional(text),
  }),
  AdvanceTime: fc.record({ type: fc.constant('AdvanceTime' as const) }),
  CancelAllOrders: fc.record({
    type: fc.constant('CancelAllOrders'),
    account: index,
    instrument: optional(index),
    side: optional(fc.constantFrom(...SIDES)),
  }),
};
const types = Object.keys(arbitraries) as CommandType[];
const anyCommand = fc.oneof(...types.map((type) => arbitraries[type] as Arbitrary<Command>));

const cancel: Command = { type: 'CancelOrder', account: 3, orderId: 77 };
function encoded(command: Command): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(8);
  encodeCommand(writer, command, 5, 1_700_000_000_000_000);
  return writer.written().slice();
}
function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('command codec', () => {
  it.each(types)('gives back every %s as it was', (type) => {
    fc.assert(
      fc.property(arbitraries[type] as Arbitrary<Command>, integer, integer, (command, sequence, timeUs) => {
        const writer = new ByteWriter(1);
        encodeCommand(writer, command, sequence, timeUs);
        expect(decodeCommands(writer.written())).toEqual([{ command, sequence, timeUs }]);
      }),
      { numRuns: 200 },
    );
  });

  it('reads commands that stand one behind the other', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 20 }), (commands) => {
        const writer = new ByteWriter(16);
        commands.forEach((command, at) => {
          encodeCommand(writer, command, at + 1, 1000 + at);
        });
        const records = decodeCommands(writer.written());
        expect(records.map((record) => record.command)).toEqual(commands);
        expect(records.map((record) => record.sequence)).toEqual(commands.map((_, at) => at + 1));
      }),
      { numRuns: 100 },
    );
  });

  it('refuses a record that is cut at any byte, and never reads beyond it', () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        const bytes = encoded(command);
        for (let length = 1; length < bytes.length; length += 1) {
          expect(() => decodeCommands(bytes.subarray(0, length))).toThrow(FormatError);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('answers damaged bytes with a FormatError or with a command that encodes to the same bytes', () => {
    fc.assert(
      fc.property(anyCommand, fc.nat(), fc.integer({ min: 1, max: 255 }), (command, place, flip) => {
        const bytes = encoded(command);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        try {
          const record = decodeCommand(new ByteReader(bytes));
          const writer = new ByteWriter();
          encodeCommand(writer, record.command, record.sequence, record.timeUs);
          expect(writer.written()).toEqual(bytes);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('names the offset of an unknown type, a short and a long record', () => {
    const unknown = encoded(cancel);
    unknown[4] = 250;
    expect(caught(() => decodeCommands(unknown))).toMatchObject({ offset: 4, message: expect.stringContaining('250') });

    const short = encoded(cancel);
    new DataView(short.buffer).setUint32(0, short.length - 1, true);
    expect(caught(() => decodeCommands(short))).toBeInstanceOf(FormatError);

    const long = new Uint8Array(encoded(cancel).length + 1);
    long.set(encoded(cancel));
    new DataView(long.buffer).setUint32(0, long.length, true);
    expect(caught(() => decodeCommands(long))).toMatchObject({ offset: long.length - 1 });

    const none = encoded(cancel);
    new DataView(none.buffer).setUint32(0, 0, true);
    expect(caught(() => decodeCommands(none))).toMatchObject({ offset: 0 });
  });

  it.each<[string, Command]>([
    ['orderId', { ...cancel, orderId: Number.NaN } as Command],
    ['orderId', { ...cancel, orderId: 1.5 } as Command],
    ['orderId', { ...cancel, orderId: 2 ** 53 } as Command],
    ['account', { ...cancel, account: -1 } as Command],
    ['account', { ...cancel, account: 2 ** 31 } as Command],
    ['name', { type: 'OpenAccount', accountId: 'a', name: 'half \ud83d', ownerId: 'o', kind: 'CASH' }],
    ['name', { type: 'OpenAccount', accountId: 'a', name: 'x'.repeat(70_000), ownerId: 'o', kind: 'CASH' }],
    ['kind', { type: 'OpenAccount', accountId: 'a', name: 'n', ownerId: 'o', kind: 'GIFT' as 'CASH' }],
    ['type', { type: 'Nonsense' } as unknown as Command],
  ])('refuses what would not come back, names %s and leaves the writer as it was', (field, command) => {
    const writer = new ByteWriter();
    encodeCommand(writer, cancel, 1, 1);
    const before = writer.written().slice();
    expect(caught(() => encodeCommand(writer, command, 2, 2))).toMatchObject({
      name: 'RangeError',
      message: expect.stringContaining(field),
    });
    expect(writer.written()).toEqual(before);
  });
});
