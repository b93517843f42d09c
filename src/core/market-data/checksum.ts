/**
 * Checksum of a book's best levels, by the rule that Kraken publishes for its WebSocket books.
 *
 * Rule: the best ten asks from low to high, then the best ten bids from high to low; of each level the price and then
 * the quantity as printed in the API, without the point and without leading zeros; all digits one behind the other;
 * CRC-32 (IEEE 802.3, reflected polynomial 0xEDB88320) of that ASCII text as an unsigned number. A side with fewer than
 * ten levels gives the levels it has.
 *
 * A printed decimal without point and leading zeros is the whole number that it was printed from, so no text is made
 * here beyond those digits. Prices and quantities are above 0.
 */

/** Levels of each side that the checksum covers. */
export const CHECKSUM_LEVELS = 10;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** A level as the checksum reads it. */
export interface ChecksumLevel {
  readonly priceTicks: number;
  readonly qtyLots: number;
}

function update(crc: number, text: string): number {
  let value = crc;
  for (let index = 0; index < text.length; index += 1) {
    value = (value >>> 8) ^ (TABLE[(value ^ text.charCodeAt(index)) & 0xff] ?? 0);
  }
  return value;
}

function digits(count: number, unitsEach: number): string {
  const units = count * unitsEach;
  return Number.isSafeInteger(units) ? units.toString() : (BigInt(count) * BigInt(unitsEach)).toString();
}

/** Returns the CRC-32 of an ASCII text, 0 to 2^32 − 1. */
export function crc32(text: string): number {
  return (update(0xffffffff, text) ^ 0xffffffff) >>> 0;
}

/**
 * Returns the checksum of a book.
 * @param asks best first; levels beyond the tenth are left out
 * @param bids best first
 * @param tickUnits one tick in the price's printed decimals (InstrumentTerms.tickUnits)
 * @param lotUnits one lot in the quantity's printed decimals (InstrumentTerms.lotUnits)
 */
export function bookChecksum(
  asks: readonly ChecksumLevel[],
  bids: readonly ChecksumLevel[],
  tickUnits: number,
  lotUnits: number,
): number {
  let crc = 0xffffffff;
  for (const side of [asks, bids]) {
    const count = Math.min(side.length, CHECKSUM_LEVELS);
    for (let index = 0; index < count; index += 1) {
      const level = side[index];
      if (level === undefined) break;
      crc = update(crc, digits(level.priceTicks, tickUnits));
      crc = update(crc, digits(level.qtyLots, lotUnits));
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}
