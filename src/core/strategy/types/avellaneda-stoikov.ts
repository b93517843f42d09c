/** Closed forms of Avellaneda & Stoikov (2008), "High-frequency trading in a limit order book", Quantitative Finance 8. */

/**
 * Returns the reservation price, eq. 29.
 * @param midPx mid price, quote currency per unit
 * @param inventoryQty signed position above the target, units of the base
 * @param gamma risk aversion, per quote currency, above 0
 * @param sigma standard deviation of the mid, quote currency per √s
 * @param horizonS time that the position is held, seconds
 * @returns price, quote currency per unit; below midPx when long
 * @throws RangeError when gamma is not above 0, or sigma or horizonS is negative
 */
export function reservationPrice(
  midPx: number,
  inventoryQty: number,
  gamma: number,
  sigma: number,
  horizonS: number,
): number {
  requireTerms(gamma, sigma, horizonS);
  return midPx - inventoryQty * gamma * sigma * sigma * horizonS;
}

/**
 * Returns the whole distance between the optimal bid and ask, eq. 30.
 * @param kappa decay of the arrival intensity A e^(−κδ) with the distance δ from the mid, per quote currency, above 0
 * @throws RangeError as `reservationPrice`, and when kappa is not above 0
 */
export function optimalSpread(gamma: number, sigma: number, horizonS: number, kappa: number): number {
  requireTerms(gamma, sigma, horizonS);
  if (!(kappa > 0)) throw new RangeError(`kappa is ${kappa}, it must be above 0`);
  return gamma * sigma * sigma * horizonS + (2 / gamma) * Math.log1p(gamma / kappa);
}

function requireTerms(gamma: number, sigma: number, horizonS: number): void {
  if (!(gamma > 0)) throw new RangeError(`gamma is ${gamma}, it must be above 0`);
  if (!(sigma >= 0)) throw new RangeError(`sigma is ${sigma}, it must be 0 or more`);
  if (!(horizonS >= 0)) throw new RangeError(`horizonS is ${horizonS}, it must be 0 or more`);
}
