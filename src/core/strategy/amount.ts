/** Returns steps (lots, ticks) as a quantity or price for people, without the noise of a float. */
export function amountOf(steps: number, stepSize: number): string {
  return String(Number((steps * stepSize).toPrecision(15)));
}
