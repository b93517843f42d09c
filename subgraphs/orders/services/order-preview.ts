/** What placing an order would do, in the units that clients use. */
import type { OrderPreview as EnginePreview } from '../../../src/core/exchange/exchange.js';
import { REFUSAL_TEXTS } from '../../../src/core/exchange/refusal-text.js';
import { formatAvgPx, formatQty, formatQuote, type InstrumentTerms } from '../../../src/core/instrument/terms.js';
import { formatRatio } from '../../../src/core/values/decimal.js';
import type { Side } from '../../../src/core/values/vocabulary.js';
import type { Identity } from '../../../src/graphql/context.js';
import { withClientErrors } from '../../../src/graphql/errors.js';
import type { EngineQueries } from '../../../src/ports/engine-client.js';
import type { OrdersView } from '../events.js';
import type { PlaceOrderInput } from '../types/inputs.js';
import type { OrderPreview } from '../types/preview.js';
import { OrderRejection } from '../types/results.js';
import { toPlaceOrder } from './order-input.js';
import { toRiskCheck } from './rejection.js';

const BPS = 10_000n;
/** Decimals of a slippage in basis points. */
const BPS_SCALE = 4;

export class OrderPreviews {
  constructor(
    private readonly engine: EngineQueries,
    private readonly view: OrdersView,
  ) {}

  async preview(input: PlaceOrderInput, identity: Identity): Promise<OrderPreview> {
    const { reference } = this.view;
    const command = toPlaceOrder(input, identity, reference);
    if (command instanceof OrderRejection) return refusedAtOnce(command);
    const preview = await withClientErrors(this.engine.preview(command));
    const { terms } = reference.instrumentAt(command.instrument);
    const paying = reference.fundsAssetOf(command.account, command.instrument, command.side);
    const riskChecks = preview.rules.map((row) => toRiskCheck(row, terms, paying));
    const { accepted, reason, fillQtyLots, fillNotionalUnits, feeUnits } = preview;
    const failed = riskChecks.find(({ rule, passed }) => !passed && rule === reason);
    return {
      accepted,
      ordRejReason: reason,
      text: reason === null ? null : (failed?.text ?? REFUSAL_TEXTS[reason]),
      riskChecks,
      expectedFillQty: formatQty(terms, fillQtyLots),
      expectedAvgPx: formatAvgPx(terms, fillNotionalUnits, fillQtyLots),
      expectedFee: formatQuote(terms, feeUnits),
      expectedSlippageBps: slippageBps(preview, command.side, terms),
    };
  }
}

function refusedAtOnce({ ordRejReason, text }: OrderRejection): OrderPreview {
  return {
    accepted: false,
    ordRejReason,
    text,
    riskChecks: [],
    expectedFillQty: '0',
    expectedAvgPx: null,
    expectedFee: '0',
    expectedSlippageBps: null,
  };
}

/** (average − mid) ÷ mid for a BUY, the opposite for a SELL. */
function slippageBps(preview: EnginePreview, side: Side, terms: InstrumentTerms): string | null {
  const { fillQtyLots, fillNotionalUnits, bestBidTicks, bestAskTicks } = preview;
  if (fillQtyLots === 0 || bestBidTicks === null || bestAskTicks === null) return null;
  const twiceMid = BigInt(bestBidTicks + bestAskTicks);
  const unitsAtOneTick = BigInt(fillQtyLots) * BigInt(terms.quoteUnitsPerTickLot);
  const distance = 2n * BigInt(fillNotionalUnits) - twiceMid * unitsAtOneTick;
  return formatRatio((side === 'BUY' ? distance : -distance) * BPS, twiceMid * unitsAtOneTick, 0, BPS_SCALE);
}
