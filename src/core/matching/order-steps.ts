/** What the rules between orders (`linked-orders.ts`, `reduce-only.ts`) ask of the orders that they act on. */
export interface OrderSteps {
  /** Units that the order would hold on its own. */
  ownHold(slot: number): number;
  /** Units that it must hold, shared with its counter. */
  neededHold(slot: number): number;
  setHold(slot: number, units: number): void;
  /** Takes lots out of a working order, which keeps its place, and tells it. @param leavesLots above 0 and below its leaves */
  lower(slot: number, leavesLots: number, reason: number): void;
  cancel(slot: number, reason: number): void;
}
