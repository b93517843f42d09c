/** Items that the load asks for, so that requests differ as those of many clients do. */
export const ITEM_COUNT = 1_000;
