/** What must hold of a preview, seen beside the placing of the same order. */
import type { PlaceOrder } from '../exchange/command.js';
import type { ExchangeEvent } from '../exchange/event.js';
import type { Exchange, OrderPreview } from '../exchange/exchange.js';
import { must } from './must.js';

/** Previews an order. @throws Error where that changed anything */
export function previewUnchanged(exchange: Exchange, command: PlaceOrder, timeUs: number): OrderPreview {
  const seen = () => JSON.stringify([exchange.stateHash(), exchange.image(), exchange.takeEvents()]);
  const before = seen();
  const preview = exchange.preview(command, timeUs);
  must(seen() === before, 'a preview changed the state');
  return preview;
}

/** What an order sets off in margin pools stands behind what it did itself, and is not part of its preview. */
function isOfLiquidation(event: ExchangeEvent): boolean {
  if (event.type === 'OrderCanceled') return event.reason === 'LIQUIDATION';
  if (event.type === 'OrderAccepted') return event.ordType === 'MARKET' && event.reduceOnly;
  return event.type === 'MarginStatusChanged';
}

/** Compares a preview with the events of the same order placed then. @throws Error where it told something else */
export function checkPreview(preview: OrderPreview, placed: readonly ExchangeEvent[]): void {
  const changes = ['AuctionIndicative', 'BookLevelChanged', 'BalanceUpdated', 'PositionUpdated'];
  const done = placed.filter(({ type }) => !changes.includes(type));
  const [own, behind] = [done.slice(0, preview.events.length), done.slice(preview.events.length)];
  must(JSON.stringify(preview.events) === JSON.stringify(own), 'a preview told other events than the order');
  must(behind[0] === undefined || isOfLiquidation(behind[0]), 'a preview left out what the order did');
  const rejected = done.find((event) => event.type === 'OrderRejected');
  const failed = preview.rules.find(({ passed }) => !passed);
  if (preview.accepted) {
    must(failed === undefined && rejected === undefined, `an accepted order fails ${failed?.rule}`);
  } else if (rejected?.type === 'OrderRejected' && failed !== undefined && failed.rule === rejected.reason) {
    const { limit, current, projected } = failed;
    const told = [rejected.limit, rejected.current, rejected.projected];
    must(JSON.stringify([limit, current, projected]) === JSON.stringify(told), `${failed.rule}: other arithmetic`);
  }
}
