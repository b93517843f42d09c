/** How orders are named inside the core: by the place of their record, a multiple of SLOT_WORDS. */

/** End of a linked list, or no order. */
export const NIL = -1;
/** Words of an order's record, and so the distance of two slots. */
export const SLOT_WORDS = 16;
